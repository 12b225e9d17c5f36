// Finds the parts of HTTP/1 messages in a connection's bytes, and changes nothing: header names
// keep their case, order and number, chunks keep their sizes. It believes what it reads: both ends
// here are tests.

const endOfHead = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
const nothing = Buffer.alloc(0);

/** `start` is the first line's words; `headers` are [name, value] pairs as they came. */
export function parseHead(bytes) {
  const [first, ...lines] = bytes.toString('latin1').slice(0, -4).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const [one, two] = first.split(' ', 2);
  return { start: [one, two, first.slice(one.length + two.length + 2)], headers, bytes };
}

export const valuesOf = (headers, name) =>
  headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);

/** none, length, chunked, or close (an answer that ends with its connection). */
export function framingOf(headers, otherwise) {
  if (/\bchunked\b/i.test(valuesOf(headers, 'transfer-encoding').join()))
    return { kind: 'chunked' };
  const [length] = valuesOf(headers, 'content-length');
  if (length !== undefined) return { kind: 'length', left: Number(length) };
  return { kind: otherwise };
}

/**
 * Fed with `push(bytes)`, calls `onHead(head)`, which says how the body is framed, then `onData`,
 * `onChunk(size)` before each chunk, and `onEnd`. One after the other for as many messages as come;
 * `pause()` holds the next message back until `resume()`.
 */
export class MessageReader {
  #pending = nothing;
  #state = 'head';
  #framing;
  #left = 0;
  #paused = false;
  #running = false;

  constructor(handlers) {
    this.handlers = { onChunk() {}, ...handlers };
  }

  get idle() {
    return this.#state === 'head' && this.#pending.length === 0;
  }
  get state() {
    return this.#state;
  }

  push(bytes) {
    this.#pending = this.#pending.length ? Buffer.concat([this.#pending, bytes]) : bytes;
    this.#run();
  }
  pause() {
    this.#paused = true;
  }
  resume() {
    this.#paused = false;
    this.#run();
  }
  /** The connection ended; true where that ends a message properly. */
  end() {
    if (this.#state !== 'close') return this.idle;
    this.#finish();
    return true;
  }

  #run() {
    if (this.#running) return;
    this.#running = true;
    while (this.#step());
    this.#running = false;
  }

  #take(count) {
    const taken = this.#pending.subarray(0, count);
    this.#pending = this.#pending.subarray(count);
    return taken;
  }
  #takeThrough(mark) {
    const at = this.#pending.indexOf(mark);
    return at < 0 ? undefined : this.#take(at + mark.length);
  }
  #finish() {
    this.#state = 'head';
    this.handlers.onEnd();
  }

  // One step; false where more bytes are needed.
  #step() {
    switch (this.#state) {
      case 'head': {
        if (this.#paused) return false;
        const bytes = this.#takeThrough(endOfHead);
        if (!bytes) return false;
        this.#framing = this.handlers.onHead(parseHead(Buffer.from(bytes)));
        this.#left = this.#framing.left ?? 0;
        this.#state = { none: 'none', length: 'length', chunked: 'chunk', close: 'close' }[
          this.#framing.kind
        ];
        return true;
      }
      case 'none':
        this.#finish();
        return true;
      case 'close': {
        if (this.#pending.length === 0) return false;
        this.handlers.onData(this.#take(this.#pending.length));
        return false;
      }
      case 'length':
        if (this.#left === 0) {
          this.#finish();
          return true;
        }
        return this.#data('length');
      case 'chunk': {
        const line = this.#takeThrough(lineEnd);
        if (!line) return false;
        this.#left = Number.parseInt(line.toString('latin1'), 16);
        this.handlers.onChunk(this.#left);
        this.#state = this.#left === 0 ? 'trailer' : 'chunk data';
        return true;
      }
      case 'chunk data':
        if (this.#left > 0) return this.#data('chunk data');
        if (!this.#takeThrough(lineEnd)) return false;
        this.#state = 'chunk';
        return true;
      case 'trailer': {
        const line = this.#takeThrough(lineEnd);
        if (!line) return false;
        if (line.length === lineEnd.length) this.#finish();
        return true;
      }
    }
    return false;
  }

  #data() {
    if (this.#pending.length === 0) return false;
    const bytes = this.#take(Math.min(this.#left, this.#pending.length));
    this.#left -= bytes.length;
    this.handlers.onData(bytes);
    return true;
  }
}
