// Stands where a provider would: records each request's exact bytes, and answers as told.
import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';

import { providerAnswer } from './provider_answers.mjs';

/**
 * Listens on a free port of the loopback. Resolves to:
 * - `url`;
 * - `requests`: { method, target, headers, body, closed }, in the order of their arrival. `headers`
 *   are [name, value] pairs as they came, `body` a Buffer with the chunk framing taken off,
 *   `closed` resolves to the time at which the connection was seen to close before the answer was
 *   whole;
 * - `answerNext(script)`: `script(request, response)` answers the next request, with node's
 *   ServerResponse; without one each operation gets a provider's answer;
 * - `nextRequest()`: resolves to the next request to arrive;
 * - `close()`.
 */
export async function startRecordingUpstream() {
  const requests = [];
  const waiting = [];
  const scripts = [];

  const server = http.createServer({ maxHeaderSize: 256 << 10 }, async (incoming, response) => {
    const closed = new Promise((resolve) => {
      response.once('close', () => {
        if (!response.writableFinished) resolve(performance.now());
      });
    });
    // A peer that leaves in the middle of an answer is what some tests are about.
    incoming.on('error', () => {});
    response.on('error', () => {});
    let body;
    try {
      body = await buffer(incoming);
    } catch {
      return; // it left before its body was whole
    }
    const request = {
      method: incoming.method,
      target: incoming.url,
      headers: pairs(incoming.rawHeaders),
      body,
      closed,
    };
    requests.push(request);
    waiting.shift()?.(request);
    await (scripts.shift() ?? providerAnswer)(request, response);
  });
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    answerNext: (script) => scripts.push(script),
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** node's flat list of header names and values, in pairs. */
export function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}
