// Stands where a provider would. Every request is kept byte for byte as it came, and answered by
// the script of the case that made it, which writes its answer's bytes itself.
import { once } from 'node:events';
import net from 'node:net';

import { Exchange } from './exchange.mjs';
import { framingOf, MessageReader } from './message_reader.mjs';

/** Every request carries one, in whichever header its client puts its API key. */
export const keyPattern = /sk-conf-\d{6}-[a-z]/;

/**
 * To { url, open(key, script), close(), unclaimed }. `open` gives a log; its `requests` are
 * the exchanges of that key in the order of their arrival; `script(exchange, index)` answers them.
 */
export async function startRecordingUpstream() {
  const logs = new Map();
  const unclaimed = [];
  const sockets = new Set();

  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, (exchange) => {
      const log = logs.get(keyPattern.exec(exchange.headBytes.toString('latin1'))?.[0]);
      if (!log) {
        unclaimed.push(exchange.headBytes.toString('latin1'));
        return exchange.answer({ status: 404, json: { error: { message: 'no such case' } } });
      }
      log.requests.push(exchange);
      log.wake();
      return log.script(exchange, log.requests.length - 1);
    });
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    unclaimed,
    open(key, script) {
      const waiting = new Set();
      const log = {
        requests: [],
        script,
        wake: () => waiting.forEach((check) => check()),
        /** Resolves to the request with that index as soon as its head is there. */
        request: (index = 0) =>
          new Promise((resolve) => {
            const check = () => {
              if (log.requests.length <= index) return;
              waiting.delete(check);
              resolve(log.requests[index]);
            };
            waiting.add(check);
            check();
          }),
        close: () => logs.delete(key),
      };
      logs.set(key, log);
      return log;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

let connections = 0;

function serveConnection(socket, handle) {
  const connection = ++connections;
  let exchange;
  const reader = new MessageReader({
    onHead(head) {
      exchange = new Exchange(socket, head, connection);
      const current = exchange;
      const framing = exchange.upgrade ? { kind: 'close' } : framingOf(head.headers, 'none');
      exchange.framing = framing.kind;
      // The next request of this connection waits until this one is answered.
      reader.pause();
      queueMicrotask(async () => {
        try {
          await handle(current);
        } catch (error) {
          current.failure = error;
          socket.destroy();
        }
        current.answered = true;
        await current.body.catch(() => {});
        reader.resume();
      });
      return framing;
    },
    onChunk: (size) => exchange.chunkSizes.push(size),
    onData: (bytes) => exchange.addBody(bytes),
    onEnd: () => exchange.endBody(),
  });
  socket.on('data', (bytes) => reader.push(bytes));
  socket.on('end', () => {
    exchange?.gone('fin');
    if (exchange?.keepAfterFin) return;
    socket.end();
  });
  socket.on('error', (error) => exchange?.gone(error.code === 'ECONNRESET' ? 'reset' : 'error'));
  socket.on('close', () => exchange?.gone('close'));
}
