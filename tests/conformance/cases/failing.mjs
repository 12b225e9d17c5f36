// Errors of the provider reach the client as they were sent; an upstream that dies is never
// mistaken for one that has finished.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { headBytes } from '../wire/exchange.mjs';
import { valuesOf } from '../wire/message_reader.mjs';
import { answerEvents, answerJson, json, providerError, spokenEvents } from './answers.mjs';

const can = (name) => (client) => client.has.has(name);
const askOnce = (t, options) => t.outcome(t.open(options).ask({ text: 'Why?' }));
const streamOnce = (t, options) => t.collect(t.open(options).stream({ text: 'Why?' }));
const hangsAfterMs = 3_000;
const mustFail = ({ error }) => assert.notEqual(error, undefined, 'the client saw no error');

const statuses = [400, 401, 403, 404, 408, 409, 413, 429, 500, 503, 529];

const status = (code) => [
  {
    name: `status ${code}`,
    answer: (exchange, index, t) => exchange.answer(providerError(t.client.provider, code)),
    act: askOnce,
    check: mustFail,
  },
  {
    name: `status ${code} to a stream`,
    answer: (exchange, index, t) => exchange.answer(providerError(t.client.provider, code)),
    act: streamOnce,
    check: mustFail,
  },
];

/** Fails twice, then answers: as many requests must come as without a proxy. */
const retried = (name, code, headers, more) => ({
  name: `retries: ${name}`,
  needs: can('hints'),
  answer: (exchange, index, t) => {
    const error = providerError(t.client.provider, code);
    if (index < 2) return exchange.answer({ ...error, headers: [...error.headers, ...headers] });
    return exchange.answer({ headers: json, body: answerJson(t.client.operation) });
  },
  act: (t) => askOnce(t, { retries: 2 }),
  ...more,
});

const htmlError = (code) => ({
  name: `an error ${code} in HTML`,
  answer: (exchange) =>
    exchange.answer({
      status: code,
      reason: 'Bad Gateway',
      headers: [['content-type', 'text/html']],
      body: '<html><body><h1>502 Bad Gateway</h1></body></html>',
    }),
  act: askOnce,
  check: mustFail,
});

const emptyError = (code) => ({
  name: `an error ${code} without a body`,
  answer: (exchange) => exchange.answer({ status: code }),
  act: askOnce,
  check: mustFail,
});

// --- deaths --------------------------------------------------------------------------------------

/** What a provider's error of Foreword's own looks like in each library: a status and a message. */
function says(status, words) {
  return (observed, { target }) => {
    mustFail(observed);
    if (target.name === 'direct') return;
    const all = JSON.stringify(observed.error);
    assert.match(all, new RegExp(`${status}|${words}`), `the error tells neither: ${all}`);
  };
}

/** Some clients wait for ever for the rest of a body whose connection has ended. */
const hangs = (t) =>
  t.client.has.has('nodeFetch')
    ? delay(hangsAfterMs, { error: 'none came' })
    : new Promise(() => {});

const begunJson = (t) => {
  const body = answerJson(t.client.operation);
  const head = headBytes({ status: 200, headers: [...json, ['content-length', body.length]] });
  return Buffer.concat([head, body.subarray(0, 50)]);
};

/** The upstream dies before there is an answer: Foreword says so itself, with 502. */
const deadBefore = (name, answer) => ({
  name: `the upstream ${name}`,
  answer,
  act: askOnce,
  proxyOnly: true,
  check: says(502, 'closed the connection|not an HTTP'),
});

const endings = { closes: (exchange) => exchange.cut(), resets: (exchange) => exchange.reset() };

const deadWithin = Object.entries(endings).flatMap(([word, end]) => [
  deadBefore(`${word} before it answers`, async (exchange) => {
    await exchange.body;
    end(exchange);
  }),
  deadBefore(`${word} inside its head`, async (exchange) => {
    await exchange.body;
    await exchange.write('HTTP/1.1 200 OK\r\ncontent-ty');
    end(exchange);
  }),
  {
    name: `the upstream ${word} inside a JSON answer`,
    async answer(exchange, index, t) {
      await exchange.body;
      await exchange.write(begunJson(t));
      end(exchange);
    },
    act: (t) => Promise.race([askOnce(t), hangs(t)]),
    check: mustFail,
  },
  {
    name: `the upstream ${word} inside a chunked JSON answer`,
    async answer(exchange, index, t) {
      await exchange.beginChunks({ headers: json });
      await exchange.chunk(answerJson(t.client.operation).subarray(0, 50));
      end(exchange);
    },
    act: askOnce,
    check: mustFail,
  },
  ...[
    ['between two events', (events) => events.slice(0, 5).join('')],
    ['inside an event', (events) => events.slice(0, 5).join('') + events[5].slice(0, 12)],
    ['before the last chunk', (events) => events.join('')],
  ].map(([where, begin]) => ({
    name: `stream: the upstream ${word} ${where}`,
    async answer(exchange, index, t) {
      await exchange.beginStream();
      const events = answerEvents(t.client.operation);
      const [first] = spokenEvents(t.client.operation).filter(({ word: said }) => said);
      await exchange.chunk(begin(events.length > 5 ? events : [...events, '', '', '']));
      if (word === 'closes') await t.seen(first.word);
      end(exchange);
    },
    act: streamOnce,
    check: where === 'before the last chunk' || word === 'resets' ? undefined : mustFail,
    // How much was read before a reset is a matter of luck; that it is an error is not.
    ...(word === 'resets' && {
      act: async (t) => ({ failed: (await streamOnce(t)).error !== undefined }),
    }),
  })),
  {
    name: `the upstream ${word}, and the client tries again`,
    needs: can('hints'),
    async answer(exchange, index, t) {
      await exchange.body;
      if (index < 1) return end(exchange);
      return exchange.answer({ headers: json, body: answerJson(t.client.operation) });
    },
    act: (t) => askOnce(t, { retries: 2 }),
    check: (observed, { requests }) => {
      assert.equal(observed.error, undefined);
      assert.equal(requests.length, 2);
      const counts = requests.map(({ headers }) => valuesOf(headers, 'x-stainless-retry-count')[0]);
      if (counts[0] !== undefined) assert.deepEqual(counts, ['0', '1'], 'the proxy tried again');
    },
    proxyOnly: true,
  },
]);

export const failing = [
  ...statuses.flatMap(status),
  retried('429 with retry-after-ms', 429, [['retry-after-ms', '20']]),
  retried('529 with retry-after-ms', 529, [['retry-after-ms', '20']]),
  retried('500 with retry-after: 0.02', 500, [['retry-after', '0.02']]),
  retried('409 with retry-after-ms', 409, [['retry-after-ms', '20']]),
  retried('503 that says x-should-retry: false', 503, [['x-should-retry', 'false']], {
    needs: (client) => client.has.has('hints') && client.has.has('official'),
    check: (observed, { requests }) => assert.equal(requests.length, 1),
  }),
  retried('400 that says x-should-retry: true', 400, [
    ['x-should-retry', 'true'],
    ['retry-after-ms', '20'],
  ]),
  retried('429 without a hint', 429, [], { needs: can('retries') }),
  htmlError(502),
  htmlError(413),
  emptyError(500),
  emptyError(429),
  ...deadWithin,
];
