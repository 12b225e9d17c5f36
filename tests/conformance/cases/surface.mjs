// The rest of the providers' APIs, through their own SDKs: models, files, batches, embeddings,
// token counts, and the options of prompts that have to do with caching.
import assert from 'node:assert/strict';

import { models } from '../clients/prompts.mjs';
import { prose } from '../../sdk/support/prose.mjs';
import { answerEvents, answerJson, json } from './answers.mjs';

const operations = {
  anthropic: 'messages',
  openai: 'chat_completions',
  responses: 'responses',
  gemini: 'generate_content',
};
const whole = ({ error }) => assert.equal(error, undefined, 'the call failed');
// Node 18 has no File of its own.
const makesFiles = () => globalThis.File !== undefined;
const hasFiles = ({ name }) => name !== 'anthropic 0.39';

/** One use of an SDK: `kind` is one of operations; `answers` gives what the upstream says. */
const use = (kind, name, call, answer, more) => ({
  name,
  needs: (client) =>
    client.has.has('official') &&
    client.operation === operations[kind] &&
    (more?.only?.(client) ?? true),
  answer: (exchange, index, t) => {
    const given = answer(exchange, index, t);
    return given?.then ? given : exchange.answer({ headers: json, ...given });
  },
  act: (t) => t.outcome(call(t.open(more?.options).sdk, t)),
  check: whole,
  ...more?.over,
});

async function all(pages) {
  const items = [];
  for await (const item of await pages) items.push(item);
  return items;
}
const bytesOf = (size) => Buffer.from(prose(size, 5)).subarray(0, size);
const file = (size) => new File([bytesOf(size)], 'notes \u00fc "1".txt', { type: 'text/plain' });
const bodyOf = async (response) => {
  const bytes = Buffer.from(await response.arrayBuffer());
  return { bytes: bytes.length, text: bytes.subarray(0, 200).toString('latin1') };
};

/** Two pages of a list, told apart by what the second one is asked for. */
const pages = (one, two) => (exchange, index) => ({ json: index === 0 ? one : two });

const odd = 'ft:a/b c%2F\u00fc';
const question = [{ role: 'user', content: 'Why?' }];
const batch = {
  id: 'msgbatch_1',
  type: 'message_batch',
  processing_status: 'ended',
  request_counts: { processing: 0, succeeded: 2, errored: 0, canceled: 0, expired: 0 },
  created_at: '2026-11-24T00:00:00Z',
};
const resultLines = ['{"custom_id":"a","result":1}\n', '{"custom_id":"b\u2028","result":2}\n'];

const anthropicUses = [
  use(
    'anthropic',
    'models in pages',
    (sdk) => all(sdk.models.list({ limit: 2 })),
    (exchange) =>
      exchange.target.includes('after_id')
        ? { json: { data: [{ id: 'c' }], has_more: false, first_id: 'c', last_id: 'c' } }
        : {
            json: { data: [{ id: 'a' }, { id: 'b' }], has_more: true, first_id: 'a', last_id: 'b' },
          },
  ),
  use(
    'anthropic',
    'a model whose name needs escapes',
    (sdk) => sdk.models.retrieve(odd),
    () => ({ json: { id: odd, type: 'model' } }),
  ),
  use(
    'anthropic',
    'a token count',
    (sdk) => sdk.messages.countTokens({ model: models.messages, messages: question }),
    () => ({ json: { input_tokens: 14 } }),
  ),
  use(
    'anthropic',
    'a batch is created, looked at, listed, cancelled and deleted',
    async (sdk) => {
      const params = { model: models.messages, max_tokens: 9, messages: question };
      const { batches } = sdk.messages;
      return [
        await batches.create({ requests: [{ custom_id: 'a', params }] }),
        await batches.retrieve('msgbatch_1'),
        await all(batches.list({ limit: 1 })),
        await batches.cancel('msgbatch_1'),
        await batches.delete('msgbatch_1'),
      ];
    },
    (exchange) => ({
      json: /batches\?/.test(exchange.target) ? { data: [batch], has_more: false } : batch,
    }),
  ),
  use(
    'anthropic',
    "a batch's results, line by line",
    async (sdk) => all(sdk.messages.batches.results('msgbatch_1')),
    async (exchange, index, t) => {
      if (!exchange.target.endsWith('/results')) {
        const results_url = `${t.url}/v1/messages/batches/msgbatch_1/results`;
        return exchange.answer({ json: { ...batch, results_url } });
      }
      await exchange.beginChunks({ headers: [['content-type', 'application/x-jsonl']] });
      const text = Buffer.from(resultLines.join(''));
      for (let at = 0; at < text.length; at += 20) await exchange.chunk(text.subarray(at, at + 20));
      await exchange.lastChunk();
    },
  ),
  use(
    'anthropic',
    'a file of 3 MB goes up',
    (sdk) => sdk.beta.files.upload({ file: file(3 << 20) }),
    () => ({ json: { id: 'file_1', type: 'file', filename: 'x' } }),
    { only: (client) => hasFiles(client) && makesFiles() },
  ),
  use(
    'anthropic',
    'files are listed, downloaded and deleted',
    async (sdk) => [
      await all(sdk.beta.files.list()),
      await bodyOf(await sdk.beta.files.download('file_1')),
      await sdk.beta.files.delete('file_1'),
    ],
    (exchange) => {
      if (exchange.target.includes('/content')) return { headers: [], body: bytesOf(2 << 20) };
      const listed = { data: [{ id: 'file_1' }], has_more: false };
      return { json: exchange.method === 'GET' ? listed : { id: 'file_1' } };
    },
    { only: hasFiles },
  ),
  use(
    'anthropic',
    'cache markers and betas',
    (sdk) => {
      const marked = (text, ttl) => ({
        type: 'text',
        text,
        cache_control: { type: 'ephemeral', ...(ttl && { ttl }) },
      });
      return sdk.beta.messages.create({
        model: models.messages,
        max_tokens: 300,
        system: [marked('Be brief.', '1h')],
        messages: [{ role: 'user', content: [marked('Why?'), marked('And how?', '5m')] }],
        betas: ['one-2026-01-01', 'two-2026-01-01'],
      });
    },
    () => ({ body: answerJson('messages') }),
  ),
  use(
    'anthropic',
    'the final message of a stream',
    (sdk) =>
      sdk.messages
        .stream({ model: models.messages, max_tokens: 300, messages: question })
        .finalMessage(),
    (exchange) => exchange.stream(answerEvents('messages')),
  ),
  use(
    'anthropic',
    'the final message of a stream that lost its end',
    (sdk) =>
      sdk.messages
        .stream({ model: models.messages, max_tokens: 300, messages: question })
        .finalMessage(),
    (exchange) => exchange.stream(answerEvents('messages').slice(0, -2)),
    { over: { check() {} } },
  ),
];

const floats = Buffer.from(new Float32Array([0.25, -1, 3.5]).buffer).toString('base64');
const openaiUses = [
  use(
    'openai',
    'models',
    (sdk) => all(sdk.models.list()),
    () => ({
      json: { object: 'list', data: [{ id: 'gpt-6.1-sol' }, { id: 'ft:x' }] },
    }),
  ),
  use(
    'openai',
    'a model whose name needs escapes',
    (sdk) => sdk.models.retrieve(odd),
    () => ({ json: { id: odd, object: 'model' } }),
  ),
  use(
    'openai',
    'embeddings of 300 kB',
    (sdk) => sdk.embeddings.create({ model: 'text-embedding-3-small', input: [prose(300_000)] }),
    () => ({ json: { object: 'list', data: [{ index: 0, embedding: floats }], usage: {} } }),
  ),
  use(
    'openai',
    'a file of 5 MB goes up',
    (sdk) => sdk.files.create({ file: file(5 << 20), purpose: 'batch' }),
    () => ({ json: { id: 'file-1', object: 'file' } }),
    { only: makesFiles },
  ),
  use(
    'openai',
    'files are listed, downloaded and deleted',
    async (sdk) => [
      await all(sdk.files.list()),
      await bodyOf(await sdk.files.content('file-1')),
      await (sdk.files.delete?.('file-1') ?? sdk.files.del('file-1')),
    ],
    (exchange) => {
      if (exchange.target.endsWith('/content')) return { headers: [], body: bytesOf(2 << 20) };
      const listed = { object: 'list', data: [{ id: 'file-1' }], has_more: false };
      return { json: exchange.method === 'GET' ? listed : { id: 'file-1', deleted: true } };
    },
  ),
  use(
    'openai',
    'a batch is created, looked at, listed and cancelled',
    async (sdk) => [
      await sdk.batches.create({
        input_file_id: 'file-1',
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      }),
      await sdk.batches.retrieve('batch_1'),
      await all(sdk.batches.list({ limit: 1 })),
      await sdk.batches.cancel('batch_1'),
    ],
    (exchange, index) => ({
      json: index === 2 ? { data: [{ id: 'batch_1' }], has_more: false } : { id: 'batch_1' },
    }),
  ),
  use(
    'openai',
    'speech as multipart, and as an answer that is no text',
    async (sdk) => [
      await sdk.audio.transcriptions.create({ file: file(100_000), model: 'whisper-1' }),
      await bodyOf(await sdk.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hi' })),
    ],
    async (exchange, index) => {
      if (index === 0) return exchange.answer({ json: { text: 'hello' } });
      await exchange.beginChunks({ headers: [['content-type', 'audio/mpeg']] });
      for (let i = 0; i < 5; i += 1) await exchange.chunk(Buffer.alloc(30_000, i * 50));
      await exchange.lastChunk();
    },
    { only: makesFiles },
  ),
  use(
    'openai',
    'cache options of a chat',
    (sdk) =>
      sdk.chat.completions.create({
        model: models.chat_completions,
        messages: question,
        prompt_cache_key: 'team-1',
        prompt_cache_retention: '24h',
        seed: 9007199254740991,
        temperature: 1e-7,
      }),
    () => ({ body: answerJson('chat_completions') }),
  ),
  use(
    'openai',
    'a chat stream that asks for its usage',
    async (sdk) =>
      all(
        sdk.chat.completions.create({
          model: models.chat_completions,
          messages: question,
          stream: true,
          stream_options: { include_usage: true },
        }),
      ),
    (exchange) => exchange.stream(answerEvents('chat_completions', { includeUsage: true })),
  ),
  use(
    'openai',
    "the final completion of a stream's helper",
    (sdk) =>
      (sdk.chat.completions.stream ? sdk.chat : sdk.beta.chat).completions
        .stream({ model: models.chat_completions, messages: question })
        .finalChatCompletion(),
    (exchange) => exchange.stream(answerEvents('chat_completions')),
  ),
  use(
    'openai',
    "a stream's helper whose answer lost its end",
    (sdk) =>
      (sdk.chat.completions.stream ? sdk.chat : sdk.beta.chat).completions
        .stream({ model: models.chat_completions, messages: question })
        .finalChatCompletion(),
    (exchange) => exchange.stream(answerEvents('chat_completions').slice(0, -2)),
    { over: { check() {} } },
  ),
  use(
    'openai',
    'a path prefix before what is no prompt',
    (sdk) => all(sdk.models.list()),
    () => ({ json: { object: 'list', data: [{ id: 'gpt' }] } }),
    { options: { path: '/openai' } },
  ),
];

const responsesUses = [
  use(
    'responses',
    'a response is looked at, cancelled and deleted',
    async (sdk) => [
      await sdk.responses.retrieve('resp_1', { include: ['a', 'b'] }),
      await (sdk.responses.cancel?.('resp_1') ?? sdk.post('/responses/resp_1/cancel')),
      await (sdk.responses.delete?.('resp_1') ?? sdk.responses.del('resp_1')),
    ],
    () => ({ body: answerJson('responses') }),
  ),
  use(
    'responses',
    'a stream is taken up again on a GET',
    async (sdk) => all(sdk.responses.retrieve('resp_1', { stream: true, starting_after: 1 })),
    (exchange) => exchange.stream(answerEvents('responses').slice(2)),
    // 4.104 has no such parameter: it sends a plain GET.
    { only: ({ name }) => !name.startsWith('openai 4') },
  ),
  use(
    'responses',
    'the input items of a response',
    (sdk) => all(sdk.responses.inputItems.list('resp_1')),
    () => ({ json: { object: 'list', data: [{ id: 'a' }], has_more: false } }),
  ),
  use(
    'responses',
    "the final response of a stream's helper",
    (sdk) => sdk.responses.stream({ model: models.responses, input: 'Why?' }).finalResponse(),
    (exchange) => exchange.stream(answerEvents('responses')),
    { over: { check() {} } },
  ),
  use(
    'responses',
    'cache options of a response',
    (sdk) =>
      sdk.responses.create({
        model: models.responses,
        input: 'Why?',
        prompt_cache_key: 'team-1',
        prompt_cache_options: { mode: 'implicit', ttl: '30m' },
      }),
    () => ({ body: answerJson('responses') }),
  ),
];

/** Google's resumable upload: a start whose answer says where to, then the bytes. */
const resumable = async (exchange, index, t) => {
  if (index === 0) {
    return exchange.answer({
      headers: [...json, ['X-Goog-Upload-URL', `${t.url}/upload/v1/files?upload_id=a%2Fb`]],
      body: '{}',
    });
  }
  await exchange.body;
  return exchange.answer({
    headers: [...json, ['X-Goog-Upload-Status', 'final']],
    body: '{"file":{"name":"files/x","uri":"u"}}',
  });
};
const goesUp = (sdk) =>
  sdk.files.upload({ file: new Blob([bytesOf(2 << 20)]), config: { mimeType: 'text/plain' } });

const geminiUses = [
  use(
    'gemini',
    'models in pages',
    async (sdk) => all(sdk.models.list({ config: { pageSize: 1 } })),
    pages({ models: [{ name: 'models/a' }], nextPageToken: 'n/1=' }, { models: [{ name: 'b' }] }),
  ),
  use(
    'gemini',
    'a token count',
    (sdk) => sdk.models.countTokens({ model: models.generate_content, contents: 'Why?' }),
    () => ({ json: { totalTokens: 3 } }),
  ),
  use(
    'gemini',
    'embeddings',
    (sdk) => sdk.models.embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] }),
    () => ({ json: { embeddings: [{ values: [0.5, -1e-7] }, { values: [2] }] } }),
  ),
  use('gemini', 'a file goes up in two requests', goesUp, resumable),
  use('gemini', 'a file goes up behind a path prefix', goesUp, resumable, {
    options: { path: '/gemini' },
  }),
  use(
    'gemini',
    'files are listed and deleted',
    async (sdk) => [
      await all(sdk.files.list({ config: { pageSize: 2 } })),
      await sdk.files.delete({ name: 'files/x' }),
    ],
    (exchange) => ({ json: exchange.method === 'GET' ? { files: [{ name: 'files/x' }] } : {} }),
  ),
  use(
    'gemini',
    'a cache is created, changed, listed, used and deleted',
    async (sdk) => [
      await sdk.caches.create({
        model: models.generate_content,
        config: { contents: 'Long text', ttl: '300s' },
      }),
      await sdk.caches.update({ name: 'cachedContents/x', config: { ttl: '600s' } }),
      await all(sdk.caches.list()),
      await sdk.models.generateContent({
        model: models.generate_content,
        contents: 'Why?',
        config: { cachedContent: 'cachedContents/x' },
      }),
      await sdk.caches.delete({ name: 'cachedContents/x' }),
    ],
    (exchange) => {
      if (exchange.target.includes('generateContent'))
        return { body: answerJson('generate_content') };
      if (exchange.method === 'GET') return { json: { cachedContents: [{ name: 'x' }] } };
      return { json: exchange.method === 'DELETE' ? {} : { name: 'cachedContents/x' } };
    },
  ),
];

export const surface = [...anthropicUses, ...openaiUses, ...responsesUses, ...geminiUses];
