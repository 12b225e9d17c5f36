// One request at the recording upstream: what came, and the means to answer it byte by byte.
import { valuesOf } from './message_reader.mjs';

export class Exchange {
  #pieces = [];
  #size = 0;
  #resolveBody;
  #rejectBody;
  #resolveGone;
  #watchers = new Set();

  constructor(socket, head, connection) {
    [this.method, this.target, this.version] = head.start;
    this.headers = head.headers;
    this.headBytes = head.bytes;
    this.socket = socket;
    this.connection = connection;
    this.chunkSizes = [];
    this.answered = false;
    this.upgrade = valuesOf(head.headers, 'connection').some((value) => /upgrade/i.test(value));
    /** The whole body with its chunk framing taken off. */
    this.body = new Promise((resolve, reject) => {
      this.#resolveBody = resolve;
      this.#rejectBody = reject;
    });
    this.body.catch(() => {});
    /** Resolves when the peer leaves: to { how: fin, reset or close, early: before the end }. */
    this.left = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
  }

  header(name) {
    return valuesOf(this.headers, name)[0];
  }
  get receivedBytes() {
    return this.#size;
  }
  get bodySoFar() {
    return Buffer.concat(this.#pieces);
  }
  addBody(bytes) {
    // A copy, so that a small piece does not hold a large read's memory.
    this.#pieces.push(Buffer.from(bytes));
    this.#size += bytes.length;
    for (const watcher of this.#watchers) watcher();
  }
  endBody() {
    this.#resolveBody(this.bodySoFar);
  }
  gone(how) {
    this.#rejectBody(new Error('the peer left before its body was whole'));
    this.#resolveGone({ how, early: !this.answered });
  }
  /** Resolves once that much of the body is there. */
  receive(bytes) {
    return new Promise((resolve) => {
      const check = () => {
        if (this.#size < bytes) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** Resolves when the bytes are with the kernel, to false where the peer is gone. */
  write(bytes) {
    return new Promise((resolve) => {
      if (this.socket.destroyed) return resolve(false);
      this.socket.write(bytes, (error) => resolve(!error));
    });
  }

  /**
   * A whole answer. `headers` are pairs; `json` or `body`; `framing`: length (default), chunked,
   * or close.
   */
  async answer({ status = 200, reason = 'X', headers = [], json, body, framing = 'length' }) {
    await this.body.catch(() => {});
    const bytes = Buffer.from(json === undefined ? (body ?? '') : JSON.stringify(json));
    const type = json === undefined ? [] : [['content-type', 'application/json']];
    const head = { status, reason, headers: [...type, ...headers] };
    if (framing === 'length') head.headers.push(['content-length', bytes.length]);
    if (framing === 'chunked') head.headers.push(['transfer-encoding', 'chunked']);
    if (framing !== 'chunked') {
      await this.write(Buffer.concat([headBytes(head), bytes]));
      if (framing === 'close') this.socket.end();
      return;
    }
    await this.write(headBytes(head));
    if (bytes.length) await this.chunk(bytes);
    await this.lastChunk();
  }

  /** The head of a stream of server-sent events. */
  async beginStream({ status = 200, headers = [], framing = 'chunked' } = {}) {
    await this.body.catch(() => {});
    const framed = framing === 'chunked' ? [['transfer-encoding', 'chunked']] : [];
    const type = [['content-type', 'text/event-stream; charset=utf-8']];
    await this.write(headBytes({ status, headers: [...type, ...headers, ...framed] }));
  }
  /** The head of an answer in chunks that is no stream. */
  async beginChunks({ status = 200, headers }) {
    await this.body.catch(() => {});
    await this.write(
      headBytes({ status, headers: [...headers, ['transfer-encoding', 'chunked']] }),
    );
  }
  chunk(bytes) {
    const data = Buffer.from(bytes);
    const size = Buffer.from(`${data.length.toString(16)}\r\n`);
    return this.write(Buffer.concat([size, data, Buffer.from('\r\n')]));
  }
  lastChunk() {
    return this.write('0\r\n\r\n');
  }
  /** All of it as a stream, one chunk per piece. */
  async stream(pieces, options) {
    await this.beginStream(options);
    for (const piece of pieces) await this.chunk(piece);
    await this.lastChunk();
  }

  /** Ends the connection: with FIN, or with RST. */
  cut() {
    this.socket.destroy();
  }
  reset() {
    this.socket.resetAndDestroy();
  }
}

export function headBytes({ status, reason = 'OK', headers }) {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n`, 'latin1');
}
