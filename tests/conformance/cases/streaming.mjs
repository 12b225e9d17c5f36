// Streams arrive as they are sent: at once, in order, whole, and in whichever pieces.
import assert from 'node:assert/strict';
import zlib from 'node:zlib';

import { within } from '../suite/patience.mjs';
import { answerEvents, errorEvent, spokenEvents, toolEvents } from './answers.mjs';

// Some clients cannot parse comments, or stand no other line ends.
const lenient = (client) => !client.has.has('strictStreams');

const streamed = (name, more) => ({
  name: `stream: ${name}`,
  act: (t) => t.collect(t.open().stream({ text: 'Why?' })),
  check: ({ error }) => assert.equal(error, undefined, 'the stream failed'),
  ...more,
});

/** The whole stream in pieces of that many bytes, whatever lies in between. */
const inPiecesOf = (bytes) =>
  streamed(`in pieces of ${bytes} bytes`, {
    async answer(exchange, index, t) {
      const all = Buffer.from(answerEvents(t.client.operation).join(''));
      await exchange.beginStream();
      for (let at = 0; at < all.length; at += bytes) {
        await exchange.chunk(all.subarray(at, at + bytes));
      }
      await exchange.lastChunk();
    },
  });

const withEvents = (name, change, more) =>
  streamed(name, {
    answer: (exchange, index, t) =>
      exchange.stream(change(answerEvents(t.client.operation), t.client.operation)),
    ...more,
  });

/** Sends each word once the client has seen the one before. */
async function inStep(t, send) {
  let said = '';
  for (const { event, word } of spokenEvents(t.client.operation)) {
    await send(event);
    if (word === undefined) continue;
    said += word;
    await within(`the client sees "${word}"`, t.seen(said));
  }
}

const zippedInStep = (coding, create) =>
  streamed(`in ${coding}, each event before the next`, {
    async answer(exchange, index, t) {
      const zip = create();
      const pieces = [];
      zip.on('data', (piece) => pieces.push(piece));
      const flushed = (write) =>
        new Promise((resolve) => {
          write(() => resolve(Buffer.concat(pieces.splice(0))));
        });
      await exchange.beginStream({ headers: [['content-encoding', coding]] });
      await inStep(t, async (event) => {
        zip.write(event);
        const bytes = await flushed((done) => zip.flush(done));
        if (bytes.length) await exchange.chunk(bytes);
      });
      const rest = await new Promise((resolve) => {
        zip.once('end', () => resolve(Buffer.concat(pieces)));
        zip.end();
      });
      if (rest.length) await exchange.chunk(rest);
      await exchange.lastChunk();
    },
  });

export const streaming = [
  withEvents('one event a chunk', (events) => events),
  streamed('each event before the next one is sent', {
    async answer(exchange, index, t) {
      await exchange.beginStream();
      await inStep(t, (event) => exchange.chunk(event));
      await exchange.lastChunk();
    },
  }),
  streamed('each event before the next, ended by the connection', {
    async answer(exchange, index, t) {
      await exchange.beginStream({ framing: 'close', headers: [['connection', 'close']] });
      await inStep(t, (event) => exchange.write(event));
      exchange.socket.end();
    },
  }),
  zippedInStep('gzip', () => zlib.createGzip()),
  {
    ...zippedInStep('br', () => zlib.createBrotliCompress()),
    needs: (client) => !client.has.has('noBrotli'),
  },
  inPiecesOf(1),
  inPiecesOf(3),
  inPiecesOf(37),
  inPiecesOf(1 << 20),
  withEvents('a tool call', (events, operation) => toolEvents(operation), {
    act: (t) =>
      t.collect(
        t.open().stream({ text: 'How is the weather?', tools: !t.client.has.has('noTools') }),
      ),
  }),
  withEvents('CRLF at the ends of lines', (events) =>
    events.map((event) => event.replace(/\r?\n/g, '\r\n')),
  ),
  withEvents('LF at the ends of lines', (events) =>
    events.map((event) => event.replace(/\r\n/g, '\n')),
  ),
  withEvents(
    'comments between events',
    (events) => events.flatMap((event) => [': keep-alive\n\n', event]),
    { needs: lenient },
  ),
  withEvents(
    '5,000 events',
    (events) => {
      const at = events.findIndex((event) => event.includes('Fore'));
      return [...events.slice(0, at), ...Array(5_000).fill(events[at]), ...events.slice(at + 1)];
    },
    { needs: (client) => client.has.has('official') },
  ),
  withEvents('the last events are missing', (events) => events.slice(0, -2), { check() {} }),
  withEvents('no [DONE] or closing event', (events) => events.slice(0, -1), { check() {} }),
  withEvents(
    'an error event in the middle',
    (events, operation) => [...events.slice(0, 4), errorEvent(operation)],
    { check() {} },
  ),
  withEvents('nothing at all', () => [], { check() {} }),
  streamed('the client reads slowly', {
    answer: (exchange, index, t) => exchange.stream(answerEvents(t.client.operation)),
    act: (t) =>
      t.collect(
        t.open().stream({ text: 'Why?' }),
        () => new Promise((done) => setTimeout(done, 5)),
      ),
  }),
];
