// A proxy that commits at most one sin: it takes messages apart, hands each part to a mutation, and
// passes on what that gives back. Without a mutation every byte that means something stays.
//
// A mutation may have, each called with what belongs to the message:
// - `requestHead(head)`, `answerHead(head)`: gives another { line, headers };
// - `requestBody(bytes)`, `answerBody(bytes, head)`: gives a whole body that was gathered first;
//   `gathers(head)` says which answers;
// - `piece(bytes)`: gives the chunks to send instead of a piece of one; `delay` of answers in ms;
// - `keepsUpstream`, `endsCleanly`, `resends` (to that URL), `closesAfterAnswer`: what it does with
//   connections.
import { once } from 'node:events';
import net from 'node:net';

import { framingOf, MessageReader } from '../wire/message_reader.mjs';

const text = ({ line, headers }) =>
  `${line}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
const lineOf = (head) => head.bytes.toString('latin1').split('\r\n', 1)[0];
const sized = (headers, length) => [
  ...headers.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name)),
  ['content-length', length],
];

/** Passes one direction on. `framing(head)` says how its bodies are framed. */
class Direction {
  #head;
  #framing;
  #whole = [];
  #left = 0;

  constructor(to, { framing, changeHead, changeBody, gathers, piece, onEnd }) {
    Object.assign(this, { to, changeHead, changeBody, gathers, piece, onEnd });
    this.reader = new MessageReader({
      onHead: (head) => this.#onHead(head, framing(head)),
      onChunk: (size) => this.#onChunk(size),
      onData: (bytes) => this.#onData(bytes),
      onEnd: () => this.#finish(),
    });
  }
  get open() {
    return this.reader.state !== 'head';
  }
  get framing() {
    return this.#framing?.kind;
  }
  write(bytes) {
    if (!this.to.writable) return;
    this.to.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  #onHead(head, framing) {
    this.#framing = framing;
    this.#head = this.changeHead({ line: lineOf(head), headers: head.headers, framing });
    this.gathering = framing.kind !== 'none' && this.gathers(this.#head);
    if (!this.gathering) this.write(text(this.#head));
    return framing;
  }
  #onChunk(size) {
    this.#left = size;
    if (!this.gathering && size > 0 && !this.piece) this.write(`${size.toString(16)}\r\n`);
  }
  #onData(bytes) {
    if (this.gathering) return this.#whole.push(Buffer.from(bytes));
    if (this.#framing.kind !== 'chunked') return this.write(bytes);
    if (this.piece) {
      for (const part of this.piece(bytes)) {
        this.write(`${part.length.toString(16)}\r\n`);
        this.write(part);
        this.write('\r\n');
      }
      return undefined;
    }
    this.write(bytes);
    this.#left -= bytes.length;
    if (this.#left === 0) this.write('\r\n');
    return undefined;
  }
  #finish() {
    if (this.gathering) {
      const body = this.changeBody(Buffer.concat(this.#whole.splice(0)), this.#head);
      this.write(text({ ...this.#head, headers: sized(this.#head.headers, body.length) }));
      this.write(body);
    } else if (this.#framing.kind === 'chunked') {
      this.write('0\r\n\r\n');
    }
    this.gathering = false;
    this.onEnd?.();
  }
}

// In front of a path it says which provider is meant, as it does to Foreword.
const providerName = / \/(anthropic|openai|gemini)(?=\/)/;

/** To { url, close() }. */
export async function startRelay(upstream, mutation = {}) {
  const { port: upstreamPort } = new URL(upstream);
  const sockets = new Set();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const origin = net.connect({ port: upstreamPort, noDelay: true, allowHalfOpen: true });
    for (const socket of [client, origin]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    }
    connect(client, origin, mutation);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function connect(client, origin, mutation) {
  const methods = [];
  const { requestBody, answerBody } = mutation;
  const up = new Direction(origin, {
    framing(head) {
      methods.push(head.start[0]);
      const upgrades = head.headers.some(([name]) => /^upgrade$/i.test(name));
      return upgrades ? { kind: 'close' } : framingOf(head.headers, 'none');
    },
    changeHead(head) {
      const line = head.line.replace(providerName, ' ');
      return mutation.requestHead?.({ ...head, line }) ?? { ...head, line };
    },
    changeBody: (bytes, head) => requestBody(bytes, head),
    gathers: () => requestBody !== undefined,
  });
  const down = new Direction(client, {
    framing(head) {
      const status = Number(head.start[1]);
      if (status === 101) return { kind: 'close' };
      if (status < 200) return { kind: 'none' };
      const bare = methods.shift() === 'HEAD' || status === 204 || status === 304;
      return bare ? { kind: 'none' } : framingOf(head.headers, 'close');
    },
    changeHead: (head) => mutation.answerHead?.(head) ?? head,
    changeBody: (bytes, head) => answerBody(bytes, head),
    gathers: (head) => answerBody !== undefined && (mutation.gathers?.(head) ?? true),
    piece: mutation.piece,
    onEnd: () => mutation.closesAfterAnswer && client.end(),
  });
  let asked = [];

  flow(client, origin, (bytes) => {
    if (mutation.resends) asked.push(bytes);
    up.reader.push(bytes);
  });
  flow(origin, client, (bytes) => {
    asked = [];
    const late = mutation.delay;
    if (late) setTimeout(() => down.reader.push(bytes), late);
    else down.reader.push(bytes);
  });
  const abandon = (how) => {
    if (mutation.keepsUpstream) return;
    if (how === 'end') origin.end();
    else origin.destroy();
  };
  client.on('end', () => abandon('end'));
  client.on('close', () => abandon('close'));
  origin.on('end', () => {
    if (mutation.resends && asked.length) return origin.end();
    const cut = down.open && down.framing !== 'close';
    if (cut && mutation.endsCleanly && down.framing === 'chunked') down.write('0\r\n\r\n');
    if (down.framing === 'close') down.reader.end();
    return client.end();
  });
  origin.on('error', () => mutation.resends || client.resetAndDestroy());
  origin.on('close', () => {
    if (mutation.resends && asked.length && !client.destroyed) {
      const bytes = asked;
      asked = [];
      const again = net.connect({ port: new URL(mutation.resends).port });
      again.on('error', () => {});
      again.write(Buffer.concat(bytes));
      again.on('data', (answer) => client.write(answer));
      return;
    }
    client.end();
  });
}

/** Reads only while the other side takes what comes. */
function flow(from, to, onBytes) {
  from.on('data', (bytes) => {
    onBytes(bytes);
    if (!to.writableNeedDrain) return;
    from.pause();
    to.once('drain', () => from.resume());
    to.once('close', () => from.resume());
  });
}
