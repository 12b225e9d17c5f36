// The four prompt operations of the three official SDKs, pointed at Foreword, behind one shape.
//
// An operation has:
// - `name` (as in Foreword's ledger), `provider`, `sdk`, `model`;
// - `params(question)`: the SDK's own arguments for a plain question;
// - `ask(params, options)`: resolves to { answer, requestId };
// - `stream(params, options)`: resolves to { events, requestId }, `events` an async iterable;
// - `text(answer)`, `eventText(event)`: what the model said.
// `requestId` names the row in Foreword's ledger. Options: `headers` to add, a `signal` that
// aborts.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';

const models = {
  messages: 'claude-sonnet-5-5',
  chat_completions: 'gpt-6.1-sol',
  responses: 'gpt-5.6-terra',
  generate_content: 'gemini-3.8-flash',
};

/**
 * Opens one client per SDK. `base` is the proxy's URL, with or without /kb/NAME; `fetch` replaces
 * the global one. Everything that an SDK would read from the environment is given here, so that the
 * user's own keys and settings stay out of it.
 */
export function openOperations({ base, apiKey = 'no-key-needed', fetch, maxRetries = 2 }) {
  const anthropic = new Anthropic({ apiKey, authToken: null, baseURL: base, fetch, maxRetries });
  const openai = new OpenAI({
    apiKey,
    organization: null,
    project: null,
    baseURL: `${base}/v1`,
    fetch,
    maxRetries,
  });
  const gemini = new GoogleGenAI({
    apiKey,
    vertexai: false,
    httpOptions: { baseUrl: base, fetch },
  });
  return [messages(anthropic), chatCompletions(openai), responses(openai), generateContent(gemini)];
}

const requestHeader = 'x-foreword-request';

// Anthropic's and OpenAI's SDKs give the raw response beside the parsed one.
async function withId(call, field) {
  const { data, response } = await call.withResponse();
  return { [field]: data, requestId: response.headers.get(requestHeader) };
}

function messages(client) {
  return {
    name: 'messages',
    provider: 'anthropic',
    sdk: '@anthropic-ai/sdk',
    model: models.messages,
    params: (question) => ({
      model: models.messages,
      max_tokens: 300,
      messages: [{ role: 'user', content: question }],
    }),
    ask: (params, options) => withId(client.messages.create(params, options), 'answer'),
    stream: (params, options) =>
      withId(client.messages.create({ ...params, stream: true }, options), 'events'),
    text: (answer) => answer.content.map((block) => block.text ?? '').join(''),
    eventText: (event) => event.delta?.text ?? '',
  };
}

function chatCompletions(client) {
  return {
    name: 'chat_completions',
    provider: 'openai',
    sdk: 'openai (chat)',
    model: models.chat_completions,
    params: (question) => ({
      model: models.chat_completions,
      messages: [{ role: 'user', content: question }],
    }),
    ask: (params, options) => withId(client.chat.completions.create(params, options), 'answer'),
    stream: (params, options) =>
      withId(client.chat.completions.create({ ...params, stream: true }, options), 'events'),
    text: (answer) => answer.choices[0].message.content,
    eventText: (event) => event.choices[0]?.delta.content ?? '',
  };
}

function responses(client) {
  return {
    name: 'responses',
    provider: 'openai',
    sdk: 'openai (responses)',
    model: models.responses,
    params: (question) => ({ model: models.responses, input: question }),
    ask: (params, options) => withId(client.responses.create(params, options), 'answer'),
    stream: (params, options) =>
      withId(client.responses.create({ ...params, stream: true }, options), 'events'),
    text: (answer) => answer.output_text,
    eventText: (event) => (event.type === 'response.output_text.delta' ? event.delta : ''),
  };
}

// @google/genai shows a stream's headers on its events only, so the first one is awaited here.
async function withFirstEventsId(stream) {
  const first = await stream.next();
  const events = (async function* () {
    if (first.done) return;
    yield first.value;
    yield* stream;
  })();
  return { events, requestId: first.value?.sdkHttpResponse.headers[requestHeader] };
}

function generateContent(client) {
  // @google/genai takes what the others call options inside its `config`.
  const configured = (params, { headers, signal } = {}) => ({
    ...params,
    config: { ...params.config, abortSignal: signal, httpOptions: { headers } },
  });
  return {
    name: 'generate_content',
    provider: 'gemini',
    sdk: '@google/genai',
    model: models.generate_content,
    params: (question) => ({ model: models.generate_content, contents: question }),
    ask: async (params, options) => {
      const answer = await client.models.generateContent(configured(params, options));
      return { answer, requestId: answer.sdkHttpResponse.headers[requestHeader] };
    },
    stream: async (params, options) =>
      withFirstEventsId(await client.models.generateContentStream(configured(params, options))),
    text: (answer) => answer.text,
    eventText: (event) => event.text ?? '',
  };
}
