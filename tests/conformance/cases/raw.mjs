// What no library sends, or hides: bytes are written and compared as they are.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';

import { prose } from '../../sdk/support/prose.mjs';
import { within } from '../suite/patience.mjs';
import { headBytes } from '../wire/exchange.mjs';
import { request } from '../wire/raw_client.mjs';
import { answerEvents, answerJson, json } from './answers.mjs';
import { auth, jsonType, prompt, visible } from './raw_requests.mjs';

/** One request on a connection of its own. */
const exchangeOf = (
  name,
  { method = 'GET', target = '/v1/models', headers = [], body, ...more },
) => ({
  name,
  answer: (exchange) => exchange.answer({ headers: json, body: '{"ok":true}' }),
  async act(t) {
    const connection = await t.open();
    const bytes = request(method, target, [...auth(t), ...headers], body);
    const answer = await connection.ask(bytes, method);
    connection.close();
    return visible(answer);
  },
  check: (seen) => assert.equal(seen.complete, true, 'the answer was not whole'),
  ...more,
});

const targets = [
  '/v1/models/ft:a%2Fb',
  '/v1/models/a%20b%C3%BC?x=%2f&y=1+2&z',
  '/v1/files//double///slashes/',
  '/v1/./a/../b',
  '/v1/models?',
  '/v1/files/file-1/content?a=b?c=d&e=\'"|{}',
  '/v1/models/gemini-3.8-flash?key=abc',
  `/v1/models?${'q'.repeat(6_000)}`,
];

const oddRequestHeaders = [
  ['X-MiXed-CaSe', 'Yes'],
  ['anthropic-beta', 'one'],
  ['Anthropic-Beta', 'two, three'],
  ['x-empty', ''],
  ['x-latin', 'gr\u00fc\u00df'],
  ['x-quoted', '"a, b"; c=d'],
  ['Cookie', 'a=1; b=2'],
  ['anthropic-beta', 'four'],
  ['X-Stainless-Lang', 'js'],
  ['Accept', '*/*'],
  ['Range', 'bytes=0-9'],
  ['If-None-Match', 'W/"x"'],
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['X-Forwarded-For', '10.0.0.1'],
];
const oddAnswerHeaders = [
  ['X-MiXed-CaSe', 'Yes'],
  ['set-cookie', 'a=1; Path=/'],
  ['Set-Cookie', 'b=2, c; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
  ['x-empty', ''],
  ['set-cookie', 'd=4'],
  ['ETag', '"x"'],
  ['Server', 'cloudflare'],
  ['Via', '1.1 other'],
  ['alt-svc', 'h3=":443"'],
  ['x-latin', 'gr\u00fc\u00df'],
  ['retry-after', '7'],
  ['X-Should-Retry', 'true'],
];
const manyHeaders = (count, bytes) =>
  Array.from({ length: count }, (_, i) => [`X-Filler-${i}`, `${i} `.padEnd(bytes, 'x')]);

const answerWith = (name, answer, more) => exchangeOf(name, { answer, ...more });
const fixed =
  (headers, status = 200) =>
  (exchange) =>
    exchange.answer({ status, reason: 'Fine By Me', headers, body: 'abc' });

const heads = [
  exchangeOf('request headers: case, order, repetition', { headers: oddRequestHeaders }),
  exchangeOf('request headers of a prompt: case, order, repetition', {
    method: 'POST',
    target: '/v1/messages?beta=true',
    headers: [...oddRequestHeaders, jsonType],
    body: prompt,
  }),
  exchangeOf('100 request headers', { headers: manyHeaders(100, 20) }),
  exchangeOf('16 kB of request headers in one', { headers: manyHeaders(1, 16_384) }),
  exchangeOf('28 kB of request headers', { headers: manyHeaders(7, 4_000) }),
  answerWith('answer headers: case, order, repetition', fixed(oddAnswerHeaders)),
  answerWith('100 answer headers', fixed(manyHeaders(100, 20))),
  answerWith('16 kB of answer headers in one', fixed(manyHeaders(1, 16_384))),
  answerWith('28 kB of answer headers', fixed(manyHeaders(7, 4_000))),
  exchangeOf('headers named by Connection stop here', {
    headers: [
      ['Connection', 'keep-alive, x-hop'],
      ['X-Hop', '1'],
      ['X-Stays', '2'],
    ],
    proxyOnly: true,
    check(seen, { requests: [{ headers }] }) {
      const names = headers.map(([name]) => name.toLowerCase());
      assert.ok(!names.includes('x-hop') && names.includes('x-stays'));
    },
  }),
  ...targets.map((target) => exchangeOf(`target ${target.slice(0, 60)}`, { target })),
];

const bytesOf = (size) => Buffer.from(prose(size, 3)).subarray(0, size);

const methods = [
  exchangeOf('POST without a body', {
    method: 'POST',
    target: '/v1/responses/r_1/cancel',
    body: '',
  }),
  exchangeOf('DELETE with a body', {
    method: 'DELETE',
    target: '/v1/cachedContents/x',
    body: '{}',
  }),
  exchangeOf('DELETE without a body', { method: 'DELETE', target: '/v1/files/x' }),
  exchangeOf('PATCH', {
    method: 'PATCH',
    target: '/v1/cachedContents/x?updateMask=ttl',
    body: '{}',
  }),
  exchangeOf('PUT', { method: 'PUT', target: '/upload/v1/files', body: bytesOf(100_000) }),
  exchangeOf('OPTIONS', { method: 'OPTIONS', target: '/v1/messages' }),
  exchangeOf('HEAD', {
    method: 'HEAD',
    async answer(exchange) {
      await exchange.write(
        headBytes({ status: 200, headers: [...json, ['content-length', 1234]] }),
      );
    },
  }),
  exchangeOf('a body that is not JSON, to a prompt', {
    method: 'POST',
    target: '/v1/messages',
    body: Buffer.from([0, 255, 13, 10, 13, 10, 0]),
  }),
  exchangeOf('a pretty-printed body with large numbers', {
    method: 'POST',
    target: '/v1/messages',
    headers: [jsonType],
    body:
      '{\n  "seed": 9007199254740993,\n  "b": 1.0e+2, "a": "\\u2028\\/",' +
      '\n\t"messages": [ ]\n}\n',
  }),
  exchangeOf('an empty body to a prompt', { method: 'POST', target: '/v1/messages', body: '' }),
];

/** Three requests on one connection, one after the other: none may disturb the next. */
const sequence = (name, answer, method = 'GET') => ({
  name,
  answer,
  async act(t) {
    const connection = await t.open();
    const seen = [];
    for (let i = 0; i < 3; i += 1) {
      const bytes = request(method, `/v1/models?n=${i}`, auth(t));
      seen.push(visible(await connection.ask(bytes, method)));
    }
    connection.close();
    return seen;
  },
  check: (seen) => seen.forEach(({ complete }) => assert.equal(complete, true)),
});

const bare = (status, headers) => (exchange) => exchange.write(headBytes({ status, headers }));

const statuses = [
  sequence('204', bare(204, [['x-kind', 'none']])),
  sequence('304', bare(304, [['etag', '"x"']])),
  sequence('304 with a length', bare(304, [['content-length', '99']])),
  sequence('200 with content-length 0', bare(200, [['content-length', '0']])),
  sequence('HEAD to a chunked answer', bare(200, [['transfer-encoding', 'chunked']]), 'HEAD'),
  sequence('an empty chunked answer', (exchange) =>
    exchange.write(
      Buffer.concat([
        headBytes({ status: 200, headers: [['transfer-encoding', 'chunked']] }),
        Buffer.from('0\r\n\r\n'),
      ]),
    ),
  ),
  sequence('206', (exchange) =>
    exchange.answer({ status: 206, headers: [['content-range', 'bytes 0-2/9']], body: 'abc' }),
  ),
  sequence('302 with a Location', (exchange) =>
    exchange.answer({ status: 302, headers: [['Location', 'https://example.org/x']] }),
  ),
  sequence('103 before the answer', async (exchange) => {
    await exchange.write('HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n');
    await exchange.answer({ body: 'abc' });
  }),
  sequence('102 twice before the answer', async (exchange) => {
    await exchange.write(
      'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\nx-a: 1\r\n\r\n',
    );
    await exchange.answer({ body: 'abc' });
  }),
  sequence('a reason of several words', (exchange) =>
    exchange.answer({ status: 200, reason: 'All Is Well', body: 'abc' }),
  ),
  sequence('chunk extensions and trailers', (exchange) =>
    exchange.write(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n' +
        '3;a=b\r\nabc\r\n0\r\nx-trailer: 1\r\n\r\n',
    ),
  ),
];

// --- bodies as they come -----------------------------------------------------------------------

const chunked = (data) => `${data.length.toString(16)}\r\n${data}\r\n`;

const uploads = [
  ['with a length', (size) => [['Content-Length', size]], (data) => data, ''],
  ['in chunks', () => [['Transfer-Encoding', 'chunked']], chunked, '0\r\n\r\n'],
].map(([how, framing, frame, end]) => ({
  name: `an upload ${how} is passed on while it comes`,
  answer: (exchange) => exchange.answer({ body: 'thanks' }),
  async act(t) {
    const connection = await t.open();
    const pieces = Array.from({ length: 5 }, (_, i) => `piece ${i} `.padEnd(1_000, '.'));
    const head = request('POST', '/v1/files', [...auth(t), ...framing(5_000)]);
    await connection.send(head, 'POST');
    let sent = 0;
    for (const piece of pieces) {
      await connection.send(frame(piece));
      sent += piece.length;
      const exchange = await t.log.request();
      await within('the upstream has what was sent', exchange.receive(sent));
    }
    await connection.send(end);
    const answer = visible(await connection.receive());
    connection.close();
    return answer;
  },
}));

const bodies = [
  ...uploads,
  {
    name: 'a prompt in chunks, with extensions and trailers',
    answer: (exchange) => exchange.answer({ headers: json, body: answerJson('messages') }),
    async act(t) {
      const connection = await t.open();
      const head = request('POST', '/v1/messages', [
        ...auth(t),
        ['Transfer-Encoding', 'chunked'],
        ['Trailer', 'x-sum'],
      ]);
      const end = '0\r\nx-sum: 1\r\n\r\n';
      const body = `${chunked(prompt.slice(0, 9))}31;x=y\r\n${prompt.slice(9)}\r\n${end}`;
      assert.equal(prompt.length - 9, 0x31, 'the case is written wrongly');
      const answer = await connection.ask(Buffer.concat([head, Buffer.from(body)]), 'POST');
      connection.close();
      return visible(answer);
    },
    // What announces trailers belongs to the framing.
    proxyOnly: true,
    check: (seen, { requests: [{ body, headers }] }) => {
      assert.equal(seen.complete, true);
      assert.equal(body.toString(), prompt);
      assert.ok(!headers.some(([name]) => /^x-sum$/i.test(name)));
    },
  },
  {
    name: 'a prompt byte by byte',
    answer: (exchange) => exchange.answer({ headers: json, body: answerJson('messages') }),
    async act(t) {
      const connection = await t.open();
      const bytes = request('POST', '/v1/messages', [...auth(t), jsonType], prompt);
      for (const byte of bytes.subarray(0, -1)) await connection.send(Buffer.from([byte]));
      const answer = await connection.ask(bytes.subarray(-1), 'POST');
      connection.close();
      return visible(answer);
    },
  },
  {
    name: 'Expect: 100-continue',
    async answer(exchange) {
      if (exchange.header('expect')) await exchange.write('HTTP/1.1 100 Continue\r\n\r\n');
      await exchange.answer({ body: 'thanks' });
    },
    async act(t) {
      const seen = [];
      for (const target of ['/v1/messages', '/v1/files']) {
        const connection = await t.open();
        const told = new Promise((resolve) => {
          connection.onInterim = resolve;
        });
        const headers = [...auth(t), ['Expect', '100-continue'], ['Content-Length', prompt.length]];
        await connection.send(request('POST', target, headers), 'POST');
        await within('a 100 Continue', told);
        seen.push(visible(await connection.ask(prompt)));
        connection.close();
      }
      return seen;
    },
  },
  {
    name: 'an answer of 413 before the body was read',
    async answer(exchange) {
      const head = {
        status: 413,
        headers: [...json, ['content-length', 2], ['connection', 'close']],
      };
      await exchange.write(Buffer.concat([headBytes(head), Buffer.from('{}')]));
      await exchange.left;
    },
    async act(t) {
      const connection = await t.open();
      const head = request('POST', '/v1/files', [...auth(t), ['Content-Length', 50 << 20]]);
      await connection.send(head, 'POST');
      await connection.send(Buffer.alloc(100_000));
      const { status, body } = await within('the answer', connection.receive());
      connection.close();
      return { status, body };
    },
    bodyMayDiffer: true,
  },
  {
    name: 'a download of 20 MB',
    answer: (exchange) => exchange.answer({ body: bytesOf(20 << 20), framing: 'length' }),
    act: async (t) => {
      const connection = await t.open();
      const answer = await connection.ask(request('GET', '/v1/files/x/content', auth(t)), 'GET');
      connection.close();
      return visible(answer);
    },
  },
  {
    name: 'a reader that is slow holds the upstream back',
    alone: true,
    async answer(exchange, index, t) {
      await exchange.beginStream();
      const piece = Buffer.alloc(1 << 20, 'data: x\n\n');
      for (let i = 0; i < 48; i += 1) {
        await exchange.chunk(piece);
        t.written = i + 1;
      }
      await exchange.lastChunk();
    },
    async act(t) {
      const connection = await t.open();
      const asked = request('POST', '/v1/messages', [...auth(t), jsonType], prompt);
      await connection.send(asked, 'POST');
      await t.log.request();
      connection.socket.pause();
      // Until nothing moves any more: then all buffers between here and there are full.
      let last = -1;
      while (t.written === undefined || t.written !== last) {
        last = t.written ?? -1;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      const heldBack = t.written < 48;
      connection.socket.resume();
      const answer = await connection.receive();
      connection.close();
      return { heldBack, bytes: answer.body.length, complete: answer.complete };
    },
    check: (seen) => assert.deepEqual(seen, { heldBack: true, bytes: 48 << 20, complete: true }),
  },
];

// --- answers as they come ----------------------------------------------------------------------

const answered = (name, answer, more) =>
  exchangeOf(name, {
    method: 'POST',
    target: '/v1/messages',
    headers: [jsonType],
    body: prompt,
    answer,
    ...more,
  });

const mixedLines = [
  ': hello\n\n',
  'event: ping\r\ndata: {"type": "ping"}\r\n\r\n',
  'data: a\ndata: b\n\n',
  '\ufeffid: 7\nretry: 10\ndata:no space\n\n',
  'data: {"u":"\\u2028 \u2028"}\n\n',
  'data: [DONE]\n\n',
];

const answers = [
  answered('chunks stay the chunks they were', async (exchange) => {
    await exchange.beginStream();
    for (const piece of ['a', 'bc\n\n', 'x'.repeat(3_000), 'data: 1\n\ndata: 2', '\n\n']) {
      await exchange.chunk(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await exchange.lastChunk();
  }),
  answered('a stream with every kind of line', (exchange) => exchange.stream(mixedLines)),
  answered('a gzip answer keeps its bytes', (exchange) =>
    exchange.answer({
      headers: [...json, ['content-encoding', 'gzip']],
      body: gzipSync(answerJson('messages')),
    }),
  ),
  answered('an answer without a type', (exchange) => exchange.answer({ body: 'x' })),
  answered(
    'an answer that ends with its connection is framed anew',
    (exchange) =>
      exchange.answer({ headers: json, body: answerJson('messages'), framing: 'close' }),
    {
      proxyOnly: true,
      check: ({ complete, body }) => {
        assert.equal(complete, true);
        assert.equal(body, answerJson('messages').toString('latin1'));
      },
    },
  ),
  exchangeOf('a stream on a GET, each event before the next', {
    target: '/v1/responses/r_1?stream=true&starting_after=3',
    async answer(exchange, index, t) {
      await exchange.beginStream();
      let said = '';
      for (const event of answerEvents('responses')) {
        await exchange.chunk(event);
        said += event;
        await within('the client has the event', t.seen(said));
      }
      await exchange.lastChunk();
    },
    async act(t) {
      const connection = await t.open();
      const bytes = request('GET', '/v1/responses/r_1?stream=true&starting_after=3', auth(t));
      const onData = (piece) => t.saw(piece.toString('utf8'));
      const answer = await connection.ask(bytes, 'GET', { onData });
      connection.close();
      return visible(answer);
    },
  }),
];

export const raw = [...heads, ...methods, ...statuses, ...bodies, ...answers];
