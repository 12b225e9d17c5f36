// What happens to a connection: old clients, pipelines, upgrades, ends from either side, and the
// time that an idle one is kept.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { within } from '../suite/patience.mjs';
import { headBytes } from '../wire/exchange.mjs';
import { valuesOf } from '../wire/message_reader.mjs';
import { request } from '../wire/raw_client.mjs';
import { answerEvents, answerJson, json } from './answers.mjs';
import { auth, jsonType, prompt, visible } from './raw_requests.mjs';

const plainAnswer = (exchange) => exchange.answer({ headers: json, body: answerJson('messages') });
const promptBytes = (t, headers = []) =>
  request('POST', '/v1/messages', [...auth(t), jsonType, ...headers], prompt);
const promptAndModels = [
  ['a prompt', 'POST', '/v1/messages', prompt],
  ['what is no prompt', 'GET', '/v1/models', undefined],
];

// --- versions and ends --------------------------------------------------------------------------

const asHttp10 = (bytes) => Buffer.from(bytes.toString('latin1').replace('HTTP/1.1', 'HTTP/1.0'));

const http10 = promptAndModels.flatMap(([what, method, target, body]) =>
  ['length', 'chunked', 'close'].map((framing) => ({
    name: `HTTP/1.0: ${what}, an answer framed by ${framing}`,
    answer: (exchange) => exchange.answer({ headers: json, body: answerJson('messages'), framing }),
    async act(t) {
      const connection = await t.open();
      const answer = await connection.ask(
        asHttp10(request(method, target, [...auth(t), jsonType], body)),
        method,
      );
      await within('the connection closes', connection.closed);
      return answer && { ...visible(answer), chunked: answer.headers.join().includes('chunked') };
    },
    // Directly the upstream of this suite knows nothing of HTTP/1.0.
    proxyOnly: true,
    check: ({ status, body: got, chunked }) => {
      assert.equal(status, 200);
      assert.equal(got, answerJson('messages').toString('latin1'));
      assert.equal(chunked, false, 'HTTP/1.0 knows no chunks');
    },
  })),
);

const closes = promptAndModels.map(([what, method, target, body]) => ({
  name: `Connection: close with ${what}`,
  answer: plainAnswer,
  async act(t) {
    const connection = await t.open();
    const headers = [...auth(t), ['Connection', 'close']];
    const answer = await connection.ask(request(method, target, headers, body), method);
    await within('the connection closes', connection.closed);
    return { ...visible(answer), said: valuesOf(answer.headers, 'connection') };
  },
  proxyOnly: true,
  check: ({ complete, said }) =>
    assert.deepEqual({ complete, said }, { complete: true, said: ['close'] }),
}));

const pipelined = [
  ['prompts', 'POST', '/v1/messages', (i) => prompt.replace('9', `${i + 1}`)],
  ['requests', 'GET', '/v1/models', () => undefined],
  ['uploads', 'POST', '/v1/files', (i) => `${i}`.repeat(40_000)],
].map(([what, method, target, body]) => ({
  name: `five ${what} in one write`,
  answer: (exchange, index) => exchange.answer({ headers: json, body: `{"n":${index}}` }),
  async act(t) {
    const connection = await t.open();
    const all = Array.from({ length: 5 }, (_, i) =>
      request(method, `${target}?n=${i}`, [...auth(t), jsonType], body(i)),
    );
    await connection.send(Buffer.concat(all), ...all.map(() => method));
    const seen = [];
    for (let i = 0; i < 5; i += 1) seen.push(visible(await connection.receive()));
    connection.close();
    return seen;
  },
  check: (seen) =>
    assert.deepEqual(
      seen.map(({ body: got }) => got),
      [0, 1, 2, 3, 4].map((n) => `{"n":${n}}`),
    ),
}));

// --- aborts -------------------------------------------------------------------------------------

const leave = { FIN: (connection) => connection.close(), RST: (connection) => connection.reset() };

async function upstreamIsLeft(t) {
  const { left } = await t.log.request();
  const { early } = await within('the upstream sees the abort', left);
  return { early };
}

const aborts = Object.entries(leave).flatMap(([how, end]) => [
  ...promptAndModels.map(([what, method, target, body]) => ({
    name: `${how} before the answer to ${what}`,
    answer: (exchange) => exchange.left,
    async act(t) {
      const connection = await t.open();
      await connection.send(request(method, target, auth(t), body), method);
      await (
        await t.log.request()
      ).body;
      end(connection);
      return upstreamIsLeft(t);
    },
  })),
  ...promptAndModels.map(([what, method, target, body]) => ({
    name: `${how} inside the stream that answers ${what}`,
    async answer(exchange) {
      await exchange.beginStream();
      await exchange.chunk(answerEvents('messages')[0]);
      await exchange.left;
    },
    async act(t) {
      const connection = await t.open();
      const bytes = request(method, target, auth(t), body);
      const begun = new Promise((resolve) => {
        connection.ask(bytes, method, { onData: resolve });
      });
      await begun;
      end(connection);
      return upstreamIsLeft(t);
    },
  })),
  {
    name: `${how} inside an upload`,
    answer: (exchange) => exchange.left,
    async act(t) {
      const connection = await t.open();
      const headers = [...auth(t), ['Content-Length', 100_000]];
      await connection.send(request('POST', '/v1/files', headers), 'POST');
      await connection.send('x'.repeat(50_000));
      const exchange = await t.log.request();
      await exchange.receive(50_000);
      end(connection);
      await within('the upstream sees the abort', exchange.left);
      // A cut request must never look like a whole one.
      const whole = await exchange.body.then(
        () => true,
        () => false,
      );
      return { whole };
    },
    check: ({ whole }) => assert.equal(whole, false),
    // What a reset throws away on its way is a matter of luck.
    bodyMayDiffer: true,
  },
  {
    name: `${how} inside an upload in chunks`,
    answer: (exchange) => exchange.left,
    async act(t) {
      const connection = await t.open();
      const headers = [...auth(t), ['Transfer-Encoding', 'chunked']];
      await connection.send(request('POST', '/v1/files', headers), 'POST');
      await connection.send('5\r\nhello\r\n');
      const exchange = await t.log.request();
      await exchange.receive(5);
      end(connection);
      await within('the upstream sees the abort', exchange.left);
      return { whole: await exchange.body.then(Boolean, () => false) };
    },
    check: ({ whole }) => assert.equal(whole, false),
    bodyMayDiffer: true,
  },
]);

const cutPrompt = {
  name: 'a prompt that breaks off never reaches the upstream whole',
  answer: plainAnswer,
  async act(t) {
    const connection = await t.open();
    await connection.send(promptBytes(t).subarray(0, -5), 'POST');
    await delay(50);
    connection.socket.end();
    await within('the connection ends', connection.closed);
    return {
      whole: await Promise.all(t.log.requests.map(({ body }) => body.then(Boolean, () => false))),
    };
  },
  proxyOnly: true,
  check: ({ whole }) => assert.ok(!whole.includes(true)),
};

// --- answers that are cut, byte for byte --------------------------------------------------------

const cuts = [
  ['inside the length of a chunk', ['3', '']],
  ['behind the length of a chunk', ['3\r\n', '']],
  ['inside a chunk', ['3\r\nab', '']],
  ['behind a chunk', ['3\r\nabc\r\n', '']],
  ['inside the last chunk', ['3\r\nabc\r\n0\r\n', '']],
].flatMap(([where, [bytes]]) =>
  ['keep-alive', 'close'].map((token) => ({
    name: `an answer cut ${where}, Connection: ${token}`,
    async answer(exchange) {
      await exchange.body;
      const headers = [...json, ['transfer-encoding', 'chunked'], ['connection', token]];
      await exchange.write(
        Buffer.concat([headBytes({ status: 200, headers }), Buffer.from(bytes)]),
      );
      exchange.cut();
    },
    async act(t) {
      const connection = await t.open();
      const answer = await connection.ask(promptBytes(t), 'POST');
      connection.close();
      return { status: answer.status, complete: answer.complete };
    },
    check: (seen) => assert.deepEqual(seen, { status: 200, complete: false }),
    proxyOnly: true,
  })),
);

const chunkedErrors = {
  name: 'an upstream that speaks no chunks any more is no end',
  async answer(exchange) {
    await exchange.beginStream();
    await exchange.chunk('data: 1\n\n');
    await exchange.write('zz\r\n0\r\n\r\n');
  },
  async act(t) {
    const connection = await t.open();
    const answer = await within('an end', connection.ask(promptBytes(t), 'POST'));
    connection.close();
    return { complete: answer.complete };
  },
  proxyOnly: true,
  check: ({ complete }) => assert.equal(complete, false),
};

// --- tunnels ------------------------------------------------------------------------------------

const tunnels = ['/v1/realtime?model=gpt', '/v1/responses', '/ws/google.ai.x'].map((target) => ({
  name: `a WebSocket at ${target}`,
  async answer(exchange) {
    const headers = [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
    ];
    await exchange.write(headBytes({ status: 101, reason: 'Switching Protocols', headers }));
    await exchange.write(Buffer.from([0x81, 2, 0x68, 0x69]));
    await exchange.receive(6);
    await exchange.write(Buffer.concat([Buffer.from([0]), exchange.bodySoFar]));
    exchange.socket.end();
  },
  async act(t) {
    const connection = await t.open();
    const asked = [
      ...auth(t),
      ['Connection', 'keep-alive, Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Protocol', 'realtime'],
      ['Sec-WebSocket-Version', '13'],
    ];
    let seen = Buffer.alloc(0);
    let answered = false;
    const answer = await connection.ask(request('GET', target, asked), 'GET', {
      onData(bytes) {
        seen = Buffer.concat([seen, bytes]);
        if (seen.length < 4 || answered) return;
        answered = true;
        connection.send(Buffer.from([0x81, 0x80, 1, 2, 3, 4]));
      },
    });
    connection.close();
    const upgrade = valuesOf(answer.headers, 'upgrade');
    const headers = answer.headers.filter(([name]) => name.toLowerCase() !== 'upgrade');
    return { ...visible({ ...answer, headers }), upgrade };
  },
  // Chunk sizes, framing and the end of a body mean nothing in a tunnel.
  check: ({ status, bytes }) => assert.deepEqual({ status, bytes }, { status: 101, bytes: 11 }),
  bodyMayDiffer: true,
}));

const refusedUpgrade = {
  name: 'a WebSocket that the upstream refuses',
  // What the tunnel would carry has no end of its own: the connection's is one.
  async answer(exchange) {
    const headers = [...json, ['content-length', 8], ['connection', 'close']];
    const head = headBytes({ status: 426, reason: 'No', headers });
    await exchange.write(Buffer.concat([head, Buffer.from('{"no":1}')]));
    exchange.cut();
  },
  async act(t) {
    const connection = await t.open();
    const headers = [...auth(t), ['Connection', 'Upgrade'], ['Upgrade', 'websocket']];
    const answer = await connection.ask(request('GET', '/v1/realtime', headers), 'GET');
    connection.close();
    return visible(answer);
  },
  check: ({ status, body }) =>
    assert.deepEqual({ status, body }, { status: 426, body: '{"no":1}' }),
};

// --- idle connections ---------------------------------------------------------------------------

const hints = promptAndModels.map(([what, method, target, body]) => ({
  name: `the answer to ${what} says how long the connection is kept`,
  answer: plainAnswer,
  async act(t) {
    const connection = await t.open();
    const answer = await connection.ask(request(method, target, auth(t), body), method);
    const [seconds] = valuesOf(answer.headers, 'keep-alive').map((v) => /timeout=(\d+)/.exec(v)[1]);
    const began = performance.now();
    await within('the idle connection closes', connection.closed, 60_000);
    return { seconds: Number(seconds), kept: (performance.now() - began) / 1000 };
  },
  proxyOnly: true,
  only: 'off',
  check: ({ seconds, kept }) => {
    assert.ok(seconds > 2, `timeout=${seconds}`);
    assert.ok(kept >= seconds, `closed after ${kept} s, and said ${seconds}`);
  },
}));

/** The upstream closes what is idle for longer than it said, or without having said anything. */
const upstreamIdle = [
  ['as it said', 1_000, [['keep-alive', 'timeout=1']]],
  ['without a word', 300, []],
].map(([how, after, headers]) => ({
  name: `the upstream closes an idle connection ${how}`,
  async answer(exchange) {
    const { socket } = exchange;
    await exchange.body;
    // Before the answer leaves: the next request may be here before its last byte is known to be.
    clearTimeout(socket.idle);
    socket.idle = setTimeout(() => socket.end(), after);
    socket.once('data', () => clearTimeout(socket.idle));
    await exchange.answer({ headers: [...json, ...headers], body: answerJson('messages') });
  },
  async act(t) {
    const seen = [];
    for (const pause of [after - 20, after, after + 20, after + 100]) {
      const connection = await t.open();
      seen.push((await connection.ask(promptBytes(t), 'POST'))?.status);
      connection.close();
      await delay(pause);
    }
    return seen;
  },
  check: (seen) => assert.deepEqual(seen, [200, 200, 200, 200]),
}));

/** The first request of a connection is answered, the second one meets its end. */
const usedBefore = [
  ...promptAndModels,
  ['an upload', 'POST', '/v1/files', 'x'.repeat(200_000)],
].flatMap(([what, method, target, body]) =>
  Object.entries({
    closes: (exchange) => exchange.socket.end(),
    resets: (exchange) => exchange.reset(),
  }).map(([how, end]) => ({
    name: `the upstream ${how} a connection it has used instead of answering ${what}`,
    async answer(exchange, index) {
      await exchange.body;
      if (index === 0) return exchange.answer({ headers: json, body: '{}' });
      return end(exchange);
    },
    async act(t) {
      const connection = await t.open();
      const seen = [];
      for (let i = 0; i < 2; i += 1) {
        seen.push(visible(await connection.ask(request(method, target, auth(t), body), method)));
      }
      connection.close();
      return { status: seen[1].status, requests: t.requests.length };
    },
    proxyOnly: true,
    // It has read the request: to send it again would be to pay for it twice.
    check: (seen) => assert.deepEqual(seen, { status: 502, requests: 2 }),
  })),
);

const afterError = {
  name: 'a connection goes on behind errors of the provider',
  answer: (exchange, index) => {
    const status = [400, 429, 529, 200][index];
    return exchange.answer({
      status,
      headers: [...json, ['retry-after', '1']],
      body: `{"n":${index}}`,
    });
  },
  async act(t) {
    const connection = await t.open();
    const seen = [];
    for (let i = 0; i < 4; i += 1) seen.push(visible(await connection.ask(promptBytes(t), 'POST')));
    connection.close();
    return seen;
  },
  check: (seen) => assert.equal(seen.at(-1).status, 200),
};

const halfClosed = {
  name: 'a client that has nothing more to send is gone',
  answer: (exchange) => exchange.left,
  async act(t) {
    const connection = await t.open();
    await connection.send(promptBytes(t), 'POST');
    await (
      await t.log.request()
    ).body;
    connection.socket.end();
    return upstreamIsLeft(t);
  },
};

export const rawConnections = [
  ...http10,
  ...closes,
  ...pipelined,
  ...aborts,
  cutPrompt,
  ...cuts,
  chunkedErrors,
  ...tunnels,
  refusedUpgrade,
  ...hints,
  ...upstreamIdle,
  ...usedBefore,
  afterError,
  halfClosed,
];
