// The proxy, driven by Anthropic's SDK in virtual time, bills what `foreword replay` said of the
// same requests, to the token.
//
// FOREWORD_TRACE=FILE takes the first 1,000 requests of that trace, instead of those made up.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { openOperations } from '../../tools/demo_client/sdk_clients.mjs';
import { openFixture } from './support/fixture.mjs';
import { billPlan } from './support/plan_bill.mjs';
import { makeKbTrace, makeTrace, promptMaker, readTrace, writeTrace } from './support/traces.mjs';
import { driveInVirtualTime } from './support/virtual_time.mjs';

const given = process.env.FOREWORD_TRACE;
const count = 1_000;
// Of the price table.
const model = 'claude-sonnet-5';
const bytesPerToken = 2.75;
const minTokens = 1024;
const policy = 'foreword-without-pings';
// Of the simulator: what opens the answer is charged as plain input, and is in no trace.
const tokensOfOpening = 3;

const classes = ['input', 'cache_read', 'cache_write_short', 'cache_write_long'];

function billOf({ usage }) {
  return {
    input: usage.input_tokens - tokensOfOpening,
    cache_read: usage.cache_read_input_tokens,
    cache_write_short: usage.cache_creation.ephemeral_5m_input_tokens,
    cache_write_long: usage.cache_creation.ephemeral_1h_input_tokens,
  };
}

function sum(bills) {
  const total = (name) => bills.reduce((tokens, bill) => tokens + bill[name], 0);
  return Object.fromEntries(classes.map((name) => [name, total(name)]));
}

/** Where two rows of bills part, and what was planned there. */
function firstDifference(billed, replayed, plan) {
  const different = (bill, i) => classes.some((name) => bill[name] !== replayed[i][name]);
  const i = billed.findIndex(different);
  if (i < 0) return 'no request differs';
  const all = billed.filter(different).length;
  const planned = plan.find((line) => line.i === i);
  return (
    `${all} requests differ, first ${i}: billed ${JSON.stringify(billed[i])}, replay has ` +
    `${JSON.stringify(replayed[i])}; its plan is ${JSON.stringify(planned)}`
  );
}

const traces = given
  ? { [given]: () => readTrace(given, count) }
  : {
      'mixed traffic': () => makeTrace({ seed: 3, requests: count }),
      'knowledge bases': () => makeKbTrace({ seed: 1, requests: count }),
    };

for (const [name, make] of Object.entries(traces)) {
  describe(`${count} requests in virtual time: ${name}`, () => billsAgree(make));
}

function billsAgree(make) {
  const fixture = openFixture(after);
  let replay;
  let plan;
  let replayed;
  let billed;

  before(async () => {
    const trace = await make();
    const file = join(fixture.directory, 'trace.jsonl');
    const planFile = join(fixture.directory, 'plan.jsonl');
    await writeTrace(file, trace);
    const options = ['--model', model, '--policy', policy, '--plan-out', planFile, '--json'];
    const report = JSON.parse(await fixture.foreword('replay', file, ...options));
    replay = report.policies.find((row) => row.policy === policy);
    const lines = (await readFile(planFile, 'utf8')).trimEnd().split('\n');
    plan = lines.map((line) => JSON.parse(line));
    replayed = billPlan(trace, plan, minTokens);
    billed = await billByProxy(trace);
  });

  async function billByProxy(trace) {
    const args = ['--virtual-time', '--first-byte-times'];
    const simulator = await fixture.simulator(args);
    const proxy = await fixture.proxy({
      upstream: simulator.url,
      args: ['--virtual-time'],
      // On one thread, prompts that may go at the same time go in the order in which they came.
      settings: ['proxy.threads=1'],
    });
    const [messages] = openOperations({ base: proxy.url, maxRetries: 0 });
    const contentOf = promptMaker(bytesPerToken);
    const requests = trace.map((request) => ({
      ...request,
      atUs: Math.round(request.timestamp * 1000),
    }));
    const send = async (request) => {
      const content = contentOf(request);
      const params = { model, max_tokens: 1, messages: [{ role: 'user', content }] };
      return (await messages.ask(params)).answer;
    };
    return (await driveInVirtualTime({ proxy, simulator, requests, send })).map(billOf);
  }

  test('make the replay read, write and wait', { skip: Boolean(given) }, () => {
    for (const name of classes) assert.ok(replay.tokens[name] > 10_000, name);
    assert.ok(replay.waited_requests > 20);
  });

  test('are billed by replay as its plan is, computed by other means', () => {
    assert.deepEqual(sum(replayed), replay.tokens);
  });

  test('are billed by the proxy as by replay, to the token', () => {
    assert.deepEqual(sum(billed), replay.tokens, firstDifference(billed, replayed, plan));
  });

  test('are billed so one by one', () => {
    assert.equal(firstDifference(billed, replayed, plan), 'no request differs');
  });
}
