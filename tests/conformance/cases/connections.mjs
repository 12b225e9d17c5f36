// Aborts reach the upstream, many requests at once keep apart, and idle connections end without an
// error.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { within } from '../suite/patience.mjs';
import { answerEvents, answerJson, json } from './answers.mjs';

const can = (name) => (client) => client.has.has(name);

const thinks = () => new Promise(() => {});

/** The upstream has to see its connection close while it is still answering. */
async function upstreamIsLeft(t) {
  const { left } = await t.log.request();
  const { early } = await within('the upstream sees the abort', left);
  return { early };
}

async function beginsAndThinks(exchange, index, t) {
  await exchange.beginStream();
  await exchange.chunk(answerEvents(t.client.operation).slice(0, 4).join(''));
  await exchange.left;
}

/** Some libraries close a stream only when its next piece comes. */
async function speaksOn(exchange, index, t) {
  const events = answerEvents(t.client.operation);
  await exchange.beginStream();
  await exchange.chunk(events.slice(0, 4).join(''));
  let gone = false;
  exchange.left.then(() => {
    gone = true;
  });
  while (!gone) {
    await exchange.chunk(events[3]);
    await delay(20);
  }
}

const manyAsks = (name, count, run) => ({
  name,
  unordered: true,
  async answer(exchange, index, t) {
    // Each answer names the question that it belongs to.
    const number = /question (\d+)\./.exec((await exchange.body).toString())[1];
    const body = answerJson(t.client.operation).toString().replace('Gr', `${number}: Gr`);
    return exchange.answer({ headers: json, body });
  },
  async act(t) {
    const client = t.open();
    return run(count, (i) => t.outcome(client.ask({ text: `question ${i}.` })));
  },
  check: (outcomes) =>
    outcomes.forEach(({ error, result }, i) => {
      assert.equal(error, undefined);
      assert.ok(JSON.stringify(result).includes(`${i}: Gr`), `answer ${i} is another's`);
    }),
});

const atOnce = (count, one) => Promise.all(Array.from({ length: count }, (_, i) => one(i)));
async function inTurn(count, one) {
  const results = [];
  for (let i = 0; i < count; i += 1) results.push(await one(i));
  return results;
}

const manyStreams = (name, count, run) => ({
  name,
  unordered: true,
  async answer(exchange, index, t) {
    const number = /question (\d+)\./.exec((await exchange.body).toString())[1];
    return exchange.stream(
      answerEvents(t.client.operation).map((event) => event.replace('Fore', `${number}Fore`)),
    );
  },
  async act(t) {
    const client = t.open();
    return run(count, (i) => t.collect(client.stream({ text: `question ${i}.` })));
  },
  check: (outcomes) =>
    outcomes.forEach(({ error, text }, i) => {
      assert.equal(error, undefined);
      assert.ok(text.startsWith(`${i}Fore`), `stream ${i} is another's`);
    }),
});

export const connections = [
  {
    name: 'abort by signal before the answer',
    needs: can('abort'),
    answer: thinks,
    async act(t) {
      const controller = new AbortController();
      const asking = t.outcome(t.open().ask({ text: 'Why?' }, { signal: controller.signal }));
      const request = await t.log.request();
      await request.body;
      controller.abort();
      const seen = await upstreamIsLeft(t);
      return { ...(await asking), ...seen };
    },
    check: ({ error, early }) => {
      assert.equal(early, true);
      assert.notEqual(error, undefined);
    },
  },
  {
    name: 'abort by signal inside a stream',
    needs: can('abortStream'),
    answer: beginsAndThinks,
    async act(t) {
      const controller = new AbortController();
      const stream = t.open().stream({ text: 'Why?' }, { signal: controller.signal });
      const reading = t.collect(stream, ({ text }) => text && controller.abort());
      const seen = await upstreamIsLeft(t);
      await reading;
      return seen;
    },
  },
  {
    name: 'break out of a stream',
    needs: can('break'),
    answer: speaksOn,
    async act(t) {
      const stream = t.open().stream({ text: 'Why?' });
      await t.collect(stream, ({ text }) => (text ? 'break' : undefined));
      return upstreamIsLeft(t);
    },
  },
  manyAsks('10 in turn', 10, inTurn),
  manyAsks('50 at once', 50, atOnce),
  manyStreams('10 streams in turn', 10, inTurn),
  manyStreams('50 streams at once', 50, atOnce),
  {
    name: 'the upstream closes idle connections',
    // Another case's request may go out on such a connection and arrive just before its end: then
    // no proxy may send it again.
    alone: true,
    async answer(exchange, index, t) {
      await exchange.answer({ headers: json, body: answerJson(t.client.operation) });
      // Without a word, right behind the answer: the next request must not meet it.
      exchange.cut();
    },
    async act(t) {
      const client = t.open();
      return inTurn(8, async (i) => {
        const outcome = await t.outcome(client.ask({ text: `question ${i}.` }));
        await delay(20);
        return outcome;
      });
    },
    check: (outcomes, { target }) =>
      // Directly some clients fail here: that is what a proxy with a pool spares them.
      target.name === 'direct' ||
      outcomes.forEach(({ error }) => assert.equal(error, undefined, 'a call failed')),
    proxyOnly: true,
  },
  {
    name: 'the upstream says Connection: close',
    async answer(exchange, index, t) {
      const headers = [...json, ['connection', 'close']];
      await exchange.answer({ headers, body: answerJson(t.client.operation) });
      exchange.socket.end();
    },
    act: (t) => {
      const client = t.open();
      return inTurn(4, (i) => t.outcome(client.ask({ text: `question ${i}.` })));
    },
    check: (outcomes) => outcomes.forEach(({ error }) => assert.equal(error, undefined)),
  },
];
