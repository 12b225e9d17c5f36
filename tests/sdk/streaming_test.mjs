// A stream is relayed as it comes, and each side learns at once that the other one is gone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openOperations } from '../../tools/demo_client/sdk_clients.mjs';
import { openFixture } from './support/fixture.mjs';
import { answerEvents, beginStream } from './support/provider_answers.mjs';
import { openWireTap } from './support/wire_tap.mjs';

const operationNames = ['messages', 'chat_completions', 'responses', 'generate_content'];
const abortDeadlineMs = 1_000;

// A piece that never comes fails its own test, not the ones behind it.
const limit = { timeout: 20_000 };

async function drain(events) {
  for await (const event of events) void event;
}

const timedOut = (ms, what) =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what} within ${ms} ms`)), ms).unref();
  });

describe('streams', () => {
  const fixture = openFixture(after);
  let upstream;
  let proxy;
  before(async () => {
    upstream = await fixture.upstream();
    proxy = await fixture.proxy({ upstream: upstream.url });
    await fixture.loadKb(proxy, 'handbook', { 'a.md': 'Some text.\n' });
  });

  for (const way of ['observe', 'optimize']) {
    const connect = (name) => {
      const tap = openWireTap();
      const base = way === 'optimize' ? `${proxy.url}/kb/handbook` : proxy.url;
      const operation = openOperations({ base, fetch: tap.fetch, maxRetries: 0 }).find(
        (candidate) => candidate.name === name,
      );
      return { tap, operation, headers: { 'x-foreword-mode': way } };
    };

    for (const name of operationNames) {
      const what = `${way}: ${name}`;

      test(`${what}: each event arrives before the next one is sent`, limit, async () => {
        const { tap, operation, headers } = connect(name);
        upstream.answerNext(async (request, response) => {
          beginStream(response);
          let sent = 0;
          for (const event of answerEvents(name)) {
            response.write(event);
            sent += Buffer.byteLength(event);
            await tap.receivedBytes(sent);
          }
          response.end();
        });
        const { events } = await operation.stream(operation.params('Why?'), { headers });
        await drain(events);
        assert.equal(tap.exchanges[0].received().toString(), answerEvents(name).join(''));
      });

      test(`${what}: an abort in the middle of a stream reaches the upstream`, limit, async () => {
        const { operation, headers } = connect(name);
        upstream.answerNext((request, response) => {
          beginStream(response);
          response.write(answerEvents(name)[0]);
        });
        const next = upstream.nextRequest();
        const controller = new AbortController();
        const { events } = await operation.stream(operation.params('Why?'), {
          headers,
          signal: controller.signal,
        });
        const reading = drain(events).catch(() => {});
        const request = await next;
        const abortedAt = performance.now();
        controller.abort();
        const late = timedOut(abortDeadlineMs, 'the upstream did not see the abort');
        const closedAt = await Promise.race([request.closed, late]);
        assert.ok(closedAt - abortedAt < abortDeadlineMs);
        await reading;
      });

      test(`${what}: an abort before the first byte reaches the upstream`, limit, async () => {
        const { operation, headers } = connect(name);
        upstream.answerNext(() => {}); // thinks
        const next = upstream.nextRequest();
        const controller = new AbortController();
        const asking = operation.ask(operation.params('Why?'), {
          headers,
          signal: controller.signal,
        });
        const rejected = assert.rejects(asking);
        const request = await next;
        controller.abort();
        const late = timedOut(abortDeadlineMs, 'the upstream did not see the abort');
        await Promise.race([request.closed, late]);
        await rejected;
      });

      for (const [where, cut] of [
        ['between two events', (events) => events.slice(0, 2).join('')],
        ['inside an event', (events) => events.slice(0, 2).join('') + events[2].slice(0, 9)],
      ]) {
        test(`${what}: an upstream that dies ${where} is an error in the SDK`, limit, async () => {
          const { tap, operation, headers } = connect(name);
          const begin = cut(answerEvents(name));
          upstream.answerNext(async (request, response) => {
            beginStream(response);
            response.write(begin);
            await tap.receivedBytes(Buffer.byteLength(answerEvents(name)[0]));
            response.socket.destroy();
          });
          const { events } = await operation.stream(operation.params('Why?'), { headers });
          await assert.rejects(drain(events));
        });
      }

      test(`${what}: an upstream that dies inside a JSON answer is an error`, limit, async () => {
        const { operation, headers } = connect(name);
        upstream.answerNext((request, response) => {
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
          response.write('{"id":"cut', () => response.socket.destroy());
        });
        await assert.rejects(operation.ask(operation.params('Why?'), { headers }));
      });

      test(`${what}: an upstream that dies before its answer is an error`, limit, async () => {
        const { operation, headers } = connect(name);
        upstream.answerNext((request, response) => response.socket.destroy());
        await assert.rejects(operation.ask(operation.params('Why?'), { headers }), (error) => {
          assert.equal(error.status, 502);
          return true;
        });
      });
    }
  }
});
