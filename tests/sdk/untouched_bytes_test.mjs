// In `off` and `observe` Foreword is not there, as far as either side can tell.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { openOperations } from '../../tools/demo_client/sdk_clients.mjs';
import { openFixture } from './support/fixture.mjs';
import { answerEvents, answerJson } from './support/provider_answers.mjs';
import { send, valuesOf } from './support/raw_client.mjs';
import { openWireTap } from './support/wire_tap.mjs';

// These belong to one connection; so does the spelling of Content-Length.
const ofConnection = /^(host|connection|keep-alive)$/i;
const forwarded = (headers) =>
  headers
    .filter(([name]) => !ofConnection.test(name))
    .map(([name, value]) => [/^content-length$/i.test(name) ? 'content-length' : name, value])
    .sort();

// genai shows each answer's headers; those of Foreword are more than the provider's.
const asSeen = (value) =>
  JSON.parse(
    JSON.stringify(value, (key, member) => (key.startsWith('sdkHttp') ? undefined : member)),
  );

async function results(operation, stream, headers) {
  const params = operation.params('Say "h\u00e9llo" \u{1F600}');
  if (!stream) return asSeen((await operation.ask(params, { headers })).answer);
  const { events } = await operation.stream(params, { headers });
  const seen = [];
  for await (const event of events) seen.push(asSeen(event));
  return seen;
}

const operationNames = ['messages', 'chat_completions', 'responses', 'generate_content'];

describe('untouched bytes', () => {
  const fixture = openFixture(after);
  let upstream;
  let proxy;
  before(async () => {
    upstream = await fixture.upstream();
    proxy = await fixture.proxy({ upstream: upstream.url });
  });

  async function callThrough(base, name, stream, headers) {
    const tap = openWireTap();
    const operations = openOperations({ base, fetch: tap.fetch, maxRetries: 0 });
    const operation = operations.find((candidate) => candidate.name === name);
    const result = await results(operation, stream, headers);
    return {
      result,
      sent: tap.exchanges[0].sent,
      received: tap.exchanges[0].received(),
      arrived: upstream.requests.at(-1),
    };
  }

  for (const mode of ['off', 'observe']) {
    for (const name of operationNames) {
      for (const stream of [false, true]) {
        const what = `${mode}: ${name}${stream ? ', streaming' : ''}`;
        test(`${what}: the upstream cannot tell the proxy from the SDK`, async () => {
          const direct = await callThrough(upstream.url, name, stream, {});
          const proxied = await callThrough(proxy.url, name, stream, { 'x-foreword-mode': mode });
          assert.deepEqual(proxied.sent, direct.sent);
          assert.deepEqual(proxied.arrived.body, proxied.sent);
          assert.equal(proxied.arrived.target, direct.arrived.target);
          assert.deepEqual(forwarded(proxied.arrived.headers), forwarded(direct.arrived.headers));
        });

        test(`${what}: the SDK cannot tell the proxy from the upstream`, async () => {
          const direct = await callThrough(upstream.url, name, stream, {});
          const proxied = await callThrough(proxy.url, name, stream, { 'x-foreword-mode': mode });
          const answer = stream ? Buffer.from(answerEvents(name).join('')) : answerJson(name);
          assert.deepEqual(proxied.received, answer);
          assert.deepEqual(proxied.result, direct.result);
        });
      }
    }
  }

  const image = 'QUJD'.repeat(5 << 20);
  const oddBodies = {
    'pretty-printed, with spaces in odd places':
      '\n{\r\n\t"model" : "claude-sonnet-5-5" ,\n "max_tokens":\t1e1,"messages" : [ {"role":' +
      '"user",' +
      '"content":[ ]} ]\n}  \n',
    'with the messages before the model': '{"messages":[],"system":"s","model":"m","max_tokens":5}',
    'with numbers that a parser would rewrite':
      '{"model":"m","max_tokens":1.0e0,"n":12345678901234567890,"x":-0.0,"y":1E400,"messages":[]}',
    'with escapes that have a shorter form':
      '{"\\u006dodel":"m","messages":[{"role":"user",' +
      '"content":"\\u0041\\/\\ud83d\\ude00\\ud800"}]}',
    'with duplicate keys': '{"model":"a","model":"b","system":"x","system":"y","messages":[]}',
    'of 20 MB': `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"${image}"}]}`,
    'that ends too early': '{"model":"m","messages":[{"role":"user","content":"never clo',
    'with bytes after its end': '{"model":"m","messages":[]} and more',
    'that is not JSON': 'model=m&messages=none',
    'that is not UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    'nested 2,000 deep': `{"model":"m","messages":${'['.repeat(2000)}${']'.repeat(2000)}}`,
    'that is empty': '',
  };
  const paths = {
    messages: '/v1/messages',
    chat_completions: '/v1/chat/completions',
    responses: '/v1/responses',
    generate_content: '/v1beta/models/gemini-3.8-flash:generateContent',
  };
  for (const mode of ['off', 'observe']) {
    for (const [what, body] of Object.entries(oddBodies)) {
      test(`${mode}: a body ${what} passes as it is, and so does its answer`, async () => {
        for (const [name, path] of Object.entries(paths)) {
          const headers = { 'content-type': 'application/json', 'x-foreword-mode': mode };
          const answer = await send(proxy.url + path, { headers, body });
          assert.ok(upstream.requests.at(-1).body.equals(Buffer.from(body)), `to ${path}`);
          assert.equal(answer.status, 200);
          assert.deepEqual(answer.body, answerJson(name));
        }
      });
    }
  }

  test('optimize without a knowledge base: a body passes as it is', async () => {
    const body = oddBodies['pretty-printed, with spaces in odd places'];
    for (const path of Object.values(paths)) {
      await send(proxy.url + path, { body });
      assert.deepEqual(upstream.requests.at(-1).body, Buffer.from(body));
    }
  });

  test('a gzip answer passes with its own bytes', async () => {
    const zipped = gzipSync(answerJson('messages'));
    upstream.answerNext((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
      response.end(zipped);
    });
    const headers = { 'accept-encoding': 'gzip', 'x-foreword-mode': 'observe' };
    const answer = await send(`${proxy.url}/v1/messages`, { headers, body: '{"model":"m"}' });
    assert.deepEqual(answer.body, zipped);
    assert.deepEqual(valuesOf(answer.headers, 'content-encoding'), ['gzip']);
  });

  test("an upstream's error passes with its status, its headers and its body", async () => {
    const body = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
    upstream.answerNext((request, response) => {
      response.writeHead(
        529,
        [
          ['content-type', 'application/json'],
          ['retry-after', '7'],
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ].flat(),
      );
      response.end(body);
    });
    const answer = await send(`${proxy.url}/v1/messages`, { body: '{"model":"m","messages":[]}' });
    assert.equal(answer.status, 529);
    assert.equal(answer.body.toString(), body);
    assert.deepEqual(valuesOf(answer.headers, 'retry-after'), ['7']);
    assert.deepEqual(valuesOf(answer.headers, 'set-cookie'), ['a=1', 'b=2']);
  });

  test('a path that is no prompt passes with its method, its escapes and its body', async () => {
    upstream.answerNext((request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end(Buffer.from([0, 1, 2, 255]));
    });
    const body = Buffer.from([0, 255, 10, 13, 10, 13]);
    const target = '/v1/models/ft:a%2Fb?limit=2&q=%20x';
    const answer = await send(proxy.url + target, { method: 'DELETE', body });
    const arrived = upstream.requests.at(-1);
    assert.equal(arrived.method, 'DELETE');
    assert.equal(arrived.target, target);
    assert.deepEqual(arrived.body, body);
    assert.deepEqual(answer.body, Buffer.from([0, 1, 2, 255]));
  });

  test('a body sent in chunks, of a path that is no prompt, passes whole', async () => {
    upstream.answerNext((request, response) => response.end('ok'));
    const body = Buffer.alloc(3 << 20, 'multipart ');
    await send(`${proxy.url}/v1/files`, { headers: { 'transfer-encoding': 'chunked' }, body });
    assert.ok(upstream.requests.at(-1).body.equals(body));
  });
});
