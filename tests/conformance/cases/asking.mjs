// Answers that are no streams: whatever a client sends arrives as it was sent, whatever comes back
// is seen as it came.
import assert from 'node:assert/strict';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { prose } from '../../sdk/support/prose.mjs';
import { answerJson, json, toolAnswer } from './answers.mjs';

const can = (name) => (client) => client.has.has(name);
const plainAnswer = (exchange, index, t) =>
  exchange.answer({ headers: json, body: answerJson(t.client.operation) });

/** A case that asks once. */
const ask = (name, { prompt = { text: 'Why?' }, options, ...more } = {}) => ({
  name,
  answer: plainAnswer,
  act: (t) => t.outcome(t.open(options?.(t)).ask(typeof prompt === 'function' ? prompt() : prompt)),
  check: ({ error }) => assert.equal(error, undefined, 'the call failed'),
  ...more,
});

// Bytes that look like nothing else, so that a piece that is lost or moved is seen.
const image = (bytes) => () => ({
  text: 'What is this?',
  image: Buffer.from(prose(bytes, 7)).subarray(0, bytes),
});
const long = () => prose(3 << 20).replace(/[^a-z0-9 ]/g, '');

const zipped = (coding, zip) =>
  ask(`an answer in ${coding}`, {
    answer: (exchange, index, t) =>
      exchange.answer({
        headers: [...json, ['content-encoding', coding]],
        body: zip(answerJson(t.client.operation)),
      }),
  });

const prefix = (path) =>
  ask(`base URL ends with ${path.replace('PROVIDER', "/the provider's name")}`, {
    options: (t) => ({ path: path.replace('PROVIDER', `/${t.client.provider}`) }),
    // One that joins paths without a look at them would differ from itself here.
    needs: (client) => path.startsWith('P') || client.name !== 'langchain google-genai',
  });

export const asking = [
  ask('a question'),
  ask('a system prompt', { prompt: { text: 'Why?', system: 'Be brief. "Quote" \u2028 \\ /' } }),
  ask('tools', {
    prompt: { text: 'How is the weather?', tools: true },
    needs: (client) => !client.has.has('noTools'),
    answer: (exchange, index, t) =>
      exchange.answer({ headers: json, body: toolAnswer(t.client.operation) }),
  }),
  ask('a prompt of 300 kB', { prompt: () => ({ text: prose(300_000) }) }),
  ask('a prompt of 1 MB, none of it ASCII', {
    prompt: () => ({ text: '\u00fc\u2014\u{1F600}\u2028'.repeat(85_000) }),
    needs: can('official'),
  }),
  ask('an image of 3 MB', {
    prompt: image(3 << 20),
    needs: (client) => !client.has.has('noImages'),
  }),
  ask('an image of 12 MB', { prompt: image(12 << 20), needs: can('official') }),
  ask('headers of its own', {
    options: () => ({
      headers: { 'X-Custom': 'a b, c', 'x-trace-id': '0af7', 'anthropic-beta': 'one,two' },
    }),
    needs: can('headers'),
  }),
  ask('16 kB of request headers', {
    options: () => ({
      headers: Object.fromEntries(
        Array.from({ length: 4 }, (_, i) => [`x-long-${i}`, `${i}`.repeat(4_000)]),
      ),
    }),
    needs: can('headers'),
  }),
  prefix('PROVIDER'),
  prefix('/'),
  prefix('PROVIDER/'),
  ask('12 kB of answer headers', {
    // Node's own clients stop at 16 kB.
    answer: (exchange, index, t) =>
      exchange.answer({
        headers: [
          ...json,
          ...Array.from({ length: 3 }, (_, i) => [`x-long-${i}`, `${i}`.repeat(4_000)]),
        ],
        body: answerJson(t.client.operation),
      }),
  }),
  ask('answer headers: ids, rate limits, cookies', {
    answer: (exchange, index, t) =>
      exchange.answer({
        headers: [
          ...json,
          ['Request-Id', 'req_1'],
          ['x-request-id', 'req_2'],
          ['anthropic-ratelimit-tokens-remaining', '79000'],
          ['x-ratelimit-reset-requests', '1s'],
          ['set-cookie', '__cf_bm=a; path=/; HttpOnly'],
          ['Set-Cookie', 'b=2, c; Secure'],
          ['set-cookie', 'd='],
          ['x-empty', ''],
          ['openai-processing-ms', '17'],
          ['vary', 'Origin'],
          ['vary', 'X-Origin'],
        ],
        body: answerJson(t.client.operation),
      }),
  }),
  zipped('gzip', gzipSync),
  zipped('deflate', deflateSync),
  { ...zipped('br', brotliCompressSync), needs: (client) => !client.has.has('noBrotli') },
  ask('an answer in many small chunks', {
    async answer(exchange, index, t) {
      const body = answerJson(t.client.operation);
      await exchange.beginChunks({ headers: json });
      for (let at = 0; at < body.length; at += 37) await exchange.chunk(body.subarray(at, at + 37));
      await exchange.lastChunk();
    },
  }),
  ask('an answer that ends with its connection', {
    answer: (exchange, index, t) =>
      exchange.answer({ headers: json, body: answerJson(t.client.operation), framing: 'close' }),
  }),
  ask('an answer of 3 MB', {
    answer: (exchange, index, t) => {
      const body = answerJson(t.client.operation).toString().replace('Gr', `Gr${long()}`);
      return exchange.answer({ headers: json, body });
    },
  }),
  ask('an answer that is HTML with 200', {
    answer: (exchange) =>
      exchange.answer({ headers: [['content-type', 'text/html']], body: '<html>Hello</html>' }),
    check() {},
  }),
  ask('an answer that is cut JSON with a proper end', {
    answer: (exchange, index, t) =>
      exchange.answer({ headers: json, body: answerJson(t.client.operation).subarray(0, 60) }),
    check() {},
  }),
];
