// The ledger: a row for every request, with the provider's own numbers, whatever happens to the
// client or to the proxy.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import {
  getJson,
  promptTokens,
  rowOnce,
  savings,
  settledRow,
} from '../../tools/demo_client/admin_api.mjs';
import { openOperations } from '../../tools/demo_client/sdk_clients.mjs';
import { openFixture } from './support/fixture.mjs';
import { prose } from './support/prose.mjs';
import { answerEvents, beginStream } from './support/provider_answers.mjs';
import { totalOfRow, usageOfAnswer, usageOfEvents } from './support/reported_usage.mjs';

const handbook = { 'handbook.md': prose(60_000, 3), 'faq.md': prose(5_000, 4) };

/** Calls `work(i)` for 0 .. count-1, `width` at a time. */
async function inParallel(count, width, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

// A client asks for a chat stream's usage, or the proxy's row could not be compared with anything.
function paramsFor(operation, question, stream) {
  const params = operation.params(question);
  if (operation.name !== 'chat_completions' || !stream) return params;
  return { ...params, stream_options: { include_usage: true } };
}

/** One request of the mixed run: { operation, requestId, reported }, `reported` if not aborted. */
async function runOne(operation, i) {
  const stream = i % 8 < 4;
  const aborted = i % 20 === 3 || i % 20 === 9; // a tenth of all, all of them streams
  const params = paramsFor(operation, `Question ${i}: ${prose(200, i + 1)}`, stream || aborted);
  if (!stream && !aborted) {
    const { answer, requestId } = await operation.ask(params);
    return { operation, requestId, aborted, reported: usageOfAnswer(operation.name, answer) };
  }
  const controller = new AbortController();
  const { events, requestId } = await operation.stream(params, {
    signal: controller.signal,
    // So that there is something left to abort.
    headers: aborted ? { 'x-simulate': 'event-delay-ms=250' } : {},
  });
  const seen = [];
  try {
    for await (const event of events) {
      seen.push(event);
      if (aborted) controller.abort();
    }
  } catch (error) {
    if (!aborted) throw error;
  }
  const reported = aborted ? undefined : usageOfEvents(operation.name, seen);
  return { operation, requestId, aborted, reported };
}

const roundSize = 500; // the simulator remembers the latest 1,000

/** Resolves to the clients' results, and to the simulator's own log of the same requests. */
async function runMixed(proxy, simulator, count) {
  const plain = openOperations({ base: proxy.url, maxRetries: 0 });
  const attached = openOperations({ base: `${proxy.url}/kb/handbook`, maxRetries: 0 });
  const results = [];
  const log = [];
  for (let done = 0; done < count; done += roundSize) {
    await inParallel(roundSize, 24, async (n) => {
      const i = done + n;
      const kb = i % 3 === 0 ? null : 'handbook';
      const operations = kb ? attached : plain;
      // Shifted in each twenty, or each kind of abort would meet one operation only.
      const operation = operations[(i + Math.floor(i / 20)) % operations.length];
      results.push({ ...(await runOne(operation, i)), kb });
    });
    const latest = await getJson(`${simulator.url}/simulator/requests?limit=${roundSize}`);
    assert.equal(latest.total, done + roundSize, 'requests that the simulator saw');
    log.push(...latest.requests);
  }
  return { results, log };
}

/** Waits until the simulator has noticed that many aborts. */
async function abortsSeen(simulator, count) {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; await delay(25)) {
    const { aborted } = await getJson(`${simulator.url}/simulator/requests?limit=1`);
    if (aborted >= count) return aborted;
  }
  return (await getJson(`${simulator.url}/simulator/requests?limit=1`)).aborted;
}

const hangsUpItself = (row) => row.operation === 'chat_completions' && row.stream;

/** A row as a line of the simulator's log: the bytes it was sent, the classes it reported. */
const lineOf = (row, more = {}) =>
  JSON.stringify([row.request_bytes + row.inserted_bytes, { ...row.tokens, ...more }]);

/** Those of `lines` that `pool` does not have, or not as often. */
function missingFrom(pool, lines) {
  const left = new Map();
  for (const line of pool) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

async function rowsOf(proxy, results) {
  const rows = new Map();
  await inParallel(results.length, 16, async (i) => {
    const { requestId } = results[i];
    rows.set(requestId, await settledRow(proxy.admin, requestId));
  });
  return rows;
}

describe('a mixed run of 2,000 requests, a tenth of them aborted', { timeout: 300_000 }, () => {
  const fixture = openFixture(after);
  const count = 2_000;
  let simulator;
  let proxy;
  let results;
  let log;
  let rows;
  before(async () => {
    simulator = await fixture.simulator();
    proxy = await fixture.proxy({ upstream: simulator.url });
    await fixture.loadKb(proxy, 'handbook', handbook);
    ({ results, log } = await runMixed(proxy, simulator, count));
    rows = await rowsOf(proxy, results);
  });

  test('every request has a settled row of its own', () => {
    assert.equal(new Set(results.map(({ requestId }) => requestId)).size, count);
    const without = results.filter(({ requestId }) => !rows.get(requestId));
    assert.deepEqual(without, []);
  });

  test('each row names its operation, model and knowledge base', () => {
    for (const { operation, requestId, kb } of results) {
      const row = rows.get(requestId);
      assert.equal(row.operation, operation.name);
      assert.equal(row.model, operation.model);
      assert.equal(row.kb, kb);
    }
  });

  test("the token classes of a row add up to what the client's SDK was told", () => {
    for (const { operation, requestId, aborted, reported } of results) {
      if (aborted) continue;
      const row = rows.get(requestId);
      // In a chat stream openai's SDK hangs up behind [DONE], and may be faster than the end.
      const ended = hangsUpItself(row) ? ['complete', 'client_gone'] : ['complete'];
      assert.ok(ended.includes(row.outcome), `${requestId}: ${row.outcome}`);
      assert.equal(row.usage_source, 'reported', requestId);
      assert.equal(totalOfRow(row), reported, `${operation.name} ${requestId}`);
    }
  });

  test("each row's bytes and token classes are in the simulator's log", () => {
    const whole = results.filter(({ aborted }) => !aborted);
    const lines = whole.map(({ requestId }) => lineOf(rows.get(requestId)));
    const logged = log.map((entry) => JSON.stringify([entry.body_bytes, entry.usage]));
    assert.deepEqual(missingFrom(logged, lines), []);
  });

  // OpenAI reports at the end of a stream only.
  test("an aborted row's prompt is what the simulator said at the start", () => {
    const early = results.filter(
      ({ aborted, operation }) => aborted && operation.provider !== 'openai',
    );
    const lines = early.map(({ requestId }) => lineOf(rows.get(requestId), { output: 0 }));
    const logged = log.map((entry) =>
      JSON.stringify([entry.body_bytes, { ...entry.usage, output: 0 }]),
    );
    assert.ok(lines.length > 0);
    assert.deepEqual(missingFrom(logged, lines), []);
  });

  test('every abort reaches the provider', async () => {
    const aborted = results.filter((result) => result.aborted).length;
    assert.equal(aborted, count / 10);
    assert.ok((await abortsSeen(simulator, aborted)) >= aborted);
  });

  test('no header of Foreword reaches the provider', () => {
    const names = new Set(log.flatMap((entry) => entry.header_names.map((n) => n.toLowerCase())));
    assert.deepEqual(
      [...names].filter((name) => name.startsWith('x-foreword')),
      [],
    );
  });

  test('an aborted request has a row that counts its prompt', () => {
    for (const { operation, requestId, aborted } of results) {
      if (!aborted) continue;
      const row = rows.get(requestId);
      assert.equal(row.outcome, 'client_gone', requestId);
      assert.ok(promptTokens(row.tokens) > 0, `${operation.name} ${requestId}`);
    }
  });

  test('the totals are the sums of the rows', async () => {
    const { total } = await savings(proxy.admin);
    assert.equal(total.requests, count);
    const sums = {};
    for (const row of rows.values()) {
      for (const [name, tokens] of Object.entries(row.tokens)) {
        sums[name] = (sums[name] ?? 0) + tokens;
      }
    }
    assert.deepEqual(total.tokens, sums);
  });

  test('most prompts with the knowledge base were read from the cache', () => {
    const attached = [...rows.values()].filter(({ kb }) => kb === 'handbook');
    const read = attached.filter(({ tokens }) => tokens.cache_read > 0);
    assert.ok(read.length > attached.length / 2, `${read.length} of ${attached.length}`);
  });

  for (const by of ['model', 'kb', 'day']) {
    test(`curl and \`foreword savings --json\` tell the same numbers by ${by}`, async () => {
      const url = `${proxy.admin}/api/savings?by=${by}`;
      const { stdout } = await promisify(execFile)('curl', ['-sSf', url]);
      const command = ['savings', '--json', '--by', by, '--admin', proxy.admin];
      const fromCommand = JSON.parse(await fixture.foreword(...command));
      const fromCurl = JSON.parse(stdout);
      assert.deepEqual(fromCommand.total, fromCurl.total);
      assert.deepEqual(fromCommand.groups, fromCurl.groups);
    });
  }
});

describe('a proxy that is killed', { timeout: 120_000 }, () => {
  test('in the middle of a run: settled rows are there after the restart', async (t) => {
    const fixture = openFixture((close) => t.after(close));
    const simulator = await fixture.simulator();
    const proxy = await fixture.proxy({ upstream: simulator.url, store: 'kept' });
    await fixture.loadKb(proxy, 'handbook', handbook);

    const settled = new Map();
    const running = inParallel(100_000, 16, async (i) => {
      const operations = openOperations({ base: `${proxy.url}/kb/handbook`, maxRetries: 0 });
      const { requestId } = await runOne(operations[i % operations.length], i);
      const row = await settledRow(proxy.admin, requestId);
      if (row) settled.set(requestId, row);
      if (settled.size === 300) proxy.kill();
    });
    await assert.rejects(running); // by the requests that the kill cut
    await proxy.exited;

    const again = await fixture.proxy({ upstream: simulator.url, store: 'kept' });
    for (const [id, row] of settled) assert.deepEqual(await settledRow(again.admin, id), row);
    const [messages] = openOperations({ base: `${again.url}/kb/handbook`, maxRetries: 0 });
    const { requestId } = await messages.ask(messages.params('Still there?'));
    assert.equal((await settledRow(again.admin, requestId)).outcome, 'complete');
  });

  test('in the middle of a stream: the request has a row after the restart', async (t) => {
    const fixture = openFixture((close) => t.after(close));
    const upstream = await fixture.upstream();
    const proxy = await fixture.proxy({ upstream: upstream.url, store: 'kept' });
    upstream.answerNext((request, response) => {
      beginStream(response);
      response.write(answerEvents('messages')[0]);
    });
    const [messages] = openOperations({ base: proxy.url, maxRetries: 0 });
    const { events, requestId } = await messages.stream(messages.params('Why?'));
    const reading = assert.rejects(async () => {
      for await (const event of events) void event;
    });
    const row = await rowOnce(proxy.admin, requestId, () => true);
    await proxy.kill();
    await reading;

    const again = await fixture.proxy({ upstream: upstream.url, store: 'kept' });
    assert.deepEqual(await getJson(`${again.admin}/api/requests/${requestId}`), row);
    assert.equal(row.outcome, 'provisional');
    assert.equal(promptTokens(row.tokens), 12);
  });
});
