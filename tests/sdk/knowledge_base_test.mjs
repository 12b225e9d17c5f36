// With a knowledge base attached, the upstream gets the client's own bytes and the documents: no
// byte of the client's is changed, moved or left out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openOperations } from '../../tools/demo_client/sdk_clients.mjs';
import { openFixture } from './support/fixture.mjs';
import { findInsertions, without } from './support/insertions.mjs';
import { prose } from './support/prose.mjs';
import { answerEvents } from './support/provider_answers.mjs';
import { send } from './support/raw_client.mjs';
import { openWireTap } from './support/wire_tap.mjs';

// Without what rendering may normalise: ends of lines, white space before them.
const plain = (bytes, seed) =>
  `${prose(bytes, seed)
    .replace(/[ \t]+\n/g, '\n')
    .trim()}\n`;
const documents = {
  'guide/style.md': plain(40_000, 11),
  'guide/\u00fcber uns.md': plain(3_000, 12),
  'faq.txt': plain(9_000, 13),
};

const maxInsertions = 3;

// Where each operation keeps what the model reads first, as text.
const firstTexts = {
  messages: (body) => body.system.map((block) => block.text),
  chat_completions: (body) => body.messages[0].content.map((part) => part.text),
  responses: (body) => body.input[0].content.map((part) => part.text),
  generate_content: (body) => body.systemInstruction.parts.map((part) => part.text),
};

// The same prompt with and without instructions of its own, which the documents go in front of.
const withInstructions = {
  messages: [
    { system: 'Be brief.' },
    { system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] },
  ],
  chat_completions: [
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Why?' },
      ],
    },
  ],
  responses: [
    { instructions: 'Be brief.' },
    { input: [{ role: 'user', content: [{ type: 'input_text', text: 'Why?' }] }] },
  ],
  generate_content: [{ config: { systemInstruction: 'Be brief.' } }],
};

function assertOnlyInserted(exchange, arrived, name) {
  const ranges = findInsertions(exchange.sent, arrived.body, maxInsertions);
  assert.ok(ranges, `the upstream's body is not the client's and ${maxInsertions} insertions`);
  assert.ok(without(arrived.body, ranges).equals(exchange.sent));
  const read = firstTexts[name](JSON.parse(arrived.body)).join('');
  for (const [path, text] of Object.entries(documents)) {
    assert.ok(read.includes(text), `${path} is not in front of the prompt`);
  }
}

function breakpointsIn(value) {
  if (typeof value !== 'object' || value === null) return 0;
  const own = ['cache_control', 'prompt_cache_breakpoint'].filter((key) => value[key]).length;
  return Object.values(value).reduce((sum, member) => sum + breakpointsIn(member), own);
}

describe('a knowledge base', () => {
  const fixture = openFixture(after);
  let upstream;
  let proxy;
  before(async () => {
    upstream = await fixture.upstream();
    proxy = await fixture.proxy({ upstream: upstream.url });
    await fixture.loadKb(proxy, 'handbook', documents);
  });

  const connect = (base = proxy.url) => {
    const tap = openWireTap();
    const base_ = `${base}/kb/handbook`;
    return { tap, operations: openOperations({ base: base_, fetch: tap.fetch, maxRetries: 0 }) };
  };

  for (const name of Object.keys(firstTexts)) {
    for (const bytes of [1 << 10, 100 << 10, 1 << 20, 8 << 20]) {
      test(`${name}: a prompt of ${bytes >> 10} KB leaves unchanged, behind it`, async () => {
        const { tap, operations } = connect();
        const operation = operations.find((candidate) => candidate.name === name);
        await operation.ask(operation.params(prose(bytes, bytes)));
        assertOnlyInserted(tap.exchanges[0], upstream.requests.at(-1), name);
      });
    }

    test(`${name}: a streaming prompt leaves unchanged, behind it`, async () => {
      const { tap, operations } = connect();
      const operation = operations.find((candidate) => candidate.name === name);
      const { events } = await operation.stream(operation.params('Why?'));
      for await (const event of events) void event;
      assertOnlyInserted(tap.exchanges[0], upstream.requests.at(-1), name);
    });

    for (const [i, more] of withInstructions[name].entries()) {
      test(`${name}: it goes in front of the client's own instructions (${i + 1})`, async () => {
        const { tap, operations } = connect();
        const operation = operations.find((candidate) => candidate.name === name);
        await operation.ask({ ...operation.params('Why?'), ...more });
        assertOnlyInserted(tap.exchanges[0], upstream.requests.at(-1), name);
      });
    }

    test(`${name}: the client's own breakpoints and ours are at most four`, async () => {
      const { operations } = connect();
      const operation = operations.find((candidate) => candidate.name === name);
      await operation.ask(operation.params('Why?'));
      assert.ok(breakpointsIn(JSON.parse(upstream.requests.at(-1).body)) <= 4);
    });
  }

  test('messages: a client with four breakpoints keeps them, and gets no fifth', async () => {
    const { tap, operations } = connect();
    const [messages] = operations;
    const block = (text) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } });
    await messages.ask({
      ...messages.params('Why?'),
      system: ['one', 'two', 'three', 'four'].map(block),
    });
    const arrived = upstream.requests.at(-1);
    assertOnlyInserted(tap.exchanges[0], arrived, 'messages');
    assert.equal(breakpointsIn(JSON.parse(arrived.body)), 4);
  });

  test('messages: a breakpoint marks the end of the documents', async () => {
    const { operations } = connect();
    await operations[0].ask(operations[0].params('Why?'));
    const { system } = JSON.parse(upstream.requests.at(-1).body);
    assert.deepEqual(system.at(-1).cache_control, { type: 'ephemeral' });
  });

  test('chat_completions: usage is asked for, and taken out of the answer', async () => {
    const { tap, operations } = connect();
    const { events } = await operations[1].stream(operations[1].params('Why?'));
    for await (const event of events) void event;
    const sent = JSON.parse(upstream.requests.at(-1).body);
    assert.equal(sent.stream_options.include_usage, true);
    assert.equal(tap.exchanges[0].received().toString(), answerEvents('chat_completions').join(''));
  });

  test('chat_completions: a client that asks for usage gets it', async () => {
    const { tap, operations } = connect();
    const params = { ...operations[1].params('Why?'), stream_options: { include_usage: true } };
    const { events } = await operations[1].stream(params);
    for await (const event of events) void event;
    assert.equal(
      tap.exchanges[0].received().toString(),
      answerEvents('chat_completions', { includeUsage: true }).join(''),
    );
  });

  test('a pretty-printed body keeps its layout around the documents', async () => {
    const body =
      '{\n  "model": "claude-sonnet-5-5",\n  "max_tokens": 1.0e1,\n  "messages": [\n    {"role": ' +
      '"user", "content": "\\u0041\\/"}\n  ]\n}\n';
    await send(`${proxy.url}/kb/handbook/v1/messages`, { body });
    assertOnlyInserted({ sent: Buffer.from(body) }, upstream.requests.at(-1), 'messages');
  });

  test('a knowledge base that is not there is an error that says so', async () => {
    const [messages] = openOperations({ base: `${proxy.url}/kb/nowhere`, maxRetries: 0 });
    await assert.rejects(messages.ask(messages.params('Why?')), (error) => {
      assert.equal(error.status, 404);
      assert.match(error.message, /nowhere/);
      return true;
    });
  });

  // New ones, since what a proxy has seen of its cache decides where it sets breakpoints.
  test('two proxies send the same bytes for the same documents', async () => {
    const first = await fixture.proxy({ upstream: upstream.url });
    const other = await fixture.proxy({ upstream: upstream.url });
    await fixture.loadKb(first, 'handbook', documents);
    const backwards = Object.fromEntries(Object.entries(documents).toReversed());
    await fixture.loadKb(other, 'handbook', backwards);
    for (const [i, { name }] of connect().operations.entries()) {
      const bodies = [];
      for (const base of [first.url, other.url]) {
        const operation = connect(base).operations[i];
        await operation.ask(operation.params('Why?'));
        bodies.push(upstream.requests.at(-1).body);
      }
      assert.ok(bodies[0].equals(bodies[1]), `${name}: the bodies differ`);
    }
  });
});
