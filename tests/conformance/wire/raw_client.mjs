// A client that writes its bytes itself and shows what came back, byte for byte.
import { once } from 'node:events';
import net from 'node:net';

import { framingOf, MessageReader } from './message_reader.mjs';

const bodiless = (method, status) => method === 'HEAD' || status === 204 || status === 304;

/** One connection to `url`. */
export async function connect(url) {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port, noDelay: true });
  await once(socket, 'connect');
  return new RawConnection(socket);
}

class RawConnection {
  #answers = [];
  #waiting = [];
  #methods = [];
  #current;
  #interim = [];

  constructor(socket) {
    this.socket = socket;
    this.tunnelled = [];
    this.closed = once(socket, 'close');
    this.closed.catch(() => {});
    this.reader = new MessageReader({
      onHead: (head) => this.#onHead(head),
      onChunk: (size) => size > 0 && this.#current.chunkSizes.push(size),
      onData: (bytes) => this.#onData(bytes),
      onEnd: () => this.#finish(true),
    });
    socket.on('data', (bytes) => this.reader.push(bytes));
    socket.on('end', () => this.#onEnd());
    socket.on('error', () => this.#onEnd());
    socket.on('close', () => this.#onEnd());
  }

  /** `method` of each request sent tells how its answer ends. */
  send(bytes, ...methods) {
    this.#methods.push(...methods);
    return new Promise((resolve) => this.socket.write(bytes, (error) => resolve(!error)));
  }

  /**
   * The next answer, once it is whole or cut: { status, reason, headers, interim, chunkSizes, body,
   * complete }; undefined where the connection ends without one. `onData` gets its bytes as they
   * come.
   */
  receive({ onData } = {}) {
    this.onData = onData;
    if (this.#answers.length) return Promise.resolve(this.#answers.shift());
    if (this.ended) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async ask(bytes, method, options) {
    await this.send(bytes, method);
    return this.receive(options);
  }

  reset() {
    this.socket.resetAndDestroy();
  }
  close() {
    this.socket.destroy();
  }

  #onHead(head) {
    const status = Number(head.start[1]);
    const answer = { status, reason: head.start[2], headers: head.headers };
    if (status < 200 && status !== 101) {
      this.#interim.push(answer);
      this.onInterim?.(answer);
      return { kind: 'none' };
    }
    const interim = this.#interim.map(({ status: code, headers }) => ({ status: code, headers }));
    this.#current = { ...answer, version: head.start[0], interim, chunkSizes: [], pieces: [] };
    this.#interim = [];
    const method = this.#methods.shift();
    if (status === 101) {
      this.onTunnel?.();
      return { kind: 'close' };
    }
    return bodiless(method, status) ? { kind: 'none' } : framingOf(head.headers, 'close');
  }
  #onData(bytes) {
    this.#current.pieces.push(Buffer.from(bytes));
    this.onData?.(bytes, this.#current);
  }
  #onEnd() {
    if (this.ended) return;
    this.ended = true;
    if (this.reader.state === 'close') this.reader.end();
    else if (this.#current) this.#finish(false);
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
  #finish(complete) {
    if (!this.#current) return; // of an interim answer
    const { pieces, ...answer } = this.#current;
    this.#current = undefined;
    const whole = { ...answer, body: Buffer.concat(pieces), complete };
    const resolve = this.#waiting.shift();
    if (resolve) resolve(whole);
    else this.#answers.push(whole);
  }
}

/** A request's bytes; `headers` are pairs, in their order. */
export function request(method, target, headers, body) {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}${length}\r\n`, 'latin1');
  return Buffer.concat([head, Buffer.from(body ?? '')]);
}
