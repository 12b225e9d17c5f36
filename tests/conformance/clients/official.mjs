// The providers' own SDKs. A client is { name, provider, operation, open(), ... }:
// - `open({ root, key, retries, headers })`: `root` is a URL without a version part; gives
//   `ask(prompt, options)` and `stream(prompt, options)`, which yields { text, raw }, and `sdk`;
// - `has`: what else it can: abort (of a call), abortStream, break (closing a stream reaches the
//   server), retries (resends by itself, and when told by retry-after-ms: hints), headers.
import {
  chatParams,
  geminiTool,
  genaiParams,
  messagesParams,
  models,
  responsesParams,
} from './prompts.mjs';

const everything = ['abort', 'abortStream', 'break', 'retries', 'hints', 'headers', 'official'];
const has = (...names) => new Set(names);

// The SDKs of Anthropic and OpenAI give the raw response beside the parsed one.
async function withHead(call) {
  const { data, response, request_id } = await call.withResponse();
  return { data, status: response.status, request_id };
}

async function* itemsOf(call, textOf) {
  for await (const raw of await call) yield { raw, text: textOf(raw) };
}

export function anthropicSdk({ name, module: { default: Anthropic } }) {
  return {
    name,
    provider: 'anthropic',
    operation: 'messages',
    has: has(...everything),
    open({ root, key, retries, headers, timeout }) {
      const sdk = new Anthropic({
        apiKey: key,
        authToken: null,
        baseURL: root,
        maxRetries: retries,
        defaultHeaders: headers,
        timeout,
      });
      return {
        sdk,
        ask: (prompt, options) => withHead(sdk.messages.create(messagesParams(prompt), options)),
        stream: (prompt, options) =>
          itemsOf(
            sdk.messages.create({ ...messagesParams(prompt), stream: true }, options),
            (event) => event.delta?.text ?? '',
          ),
      };
    },
  };
}

function openaiClient(OpenAI, { root, key, retries, headers, timeout }) {
  return new OpenAI({
    apiKey: key,
    organization: null,
    project: null,
    baseURL: `${root.replace(/\/$/, '')}/v1${root.endsWith('/') ? '/' : ''}`,
    maxRetries: retries,
    defaultHeaders: headers,
    timeout,
  });
}

export function openaiChat({ name, module: { default: OpenAI } }) {
  return {
    name: `${name} chat`,
    provider: 'openai',
    operation: 'chat_completions',
    has: has(...everything),
    open(options) {
      const sdk = openaiClient(OpenAI, options);
      return {
        sdk,
        ask: (prompt, more) => withHead(sdk.chat.completions.create(chatParams(prompt), more)),
        stream: (prompt, more) =>
          itemsOf(
            sdk.chat.completions.create({ ...chatParams(prompt), stream: true }, more),
            (event) => event.choices?.[0]?.delta?.content ?? '',
          ),
      };
    },
  };
}

export function openaiResponses({ name, module: { default: OpenAI } }) {
  return {
    name: `${name} responses`,
    provider: 'openai',
    operation: 'responses',
    has: has(...everything),
    open(options) {
      const sdk = openaiClient(OpenAI, options);
      return {
        sdk,
        ask: (prompt, more) => withHead(sdk.responses.create(responsesParams(prompt), more)),
        stream: (prompt, more) =>
          itemsOf(
            sdk.responses.create({ ...responsesParams(prompt), stream: true }, more),
            (event) => (event.type === 'response.output_text.delta' ? event.delta : ''),
          ),
      };
    },
  };
}

export function googleGenai({ name, module: { GoogleGenAI } }) {
  return {
    name,
    provider: 'gemini',
    operation: 'generate_content',
    has: has('abort', 'abortStream', 'headers', 'official'),
    open({ root, key, headers, timeout }) {
      const httpOptions = { baseUrl: root, headers, timeout };
      const sdk = new GoogleGenAI({ apiKey: key, vertexai: false, httpOptions });
      const params = (prompt, { signal } = {}) => {
        const { config, ...rest } = genaiParams(prompt);
        return { ...rest, config: { ...config, abortSignal: signal } };
      };
      return {
        sdk,
        ask: (prompt, options) => sdk.models.generateContent(params(prompt, options)),
        stream: (prompt, options) =>
          itemsOf(
            sdk.models.generateContentStream(params(prompt, options)),
            (event) => event.text ?? '',
          ),
      };
    },
  };
}

export function googleGenerativeAi({ name, module: { GoogleGenerativeAI } }) {
  const parts = ({ text, image }) => [
    ...(image ? [{ inlineData: { mimeType: 'image/png', data: image.toString('base64') } }] : []),
    { text },
  ];
  return {
    name,
    provider: 'gemini',
    operation: 'generate_content',
    has: has('abort', 'abortStream', 'headers', 'strictStreams'),
    open({ root, key, headers }) {
      const sdk = new GoogleGenerativeAI(key);
      const model = ({ system, tools }) =>
        sdk.getGenerativeModel(
          {
            model: models.generate_content,
            systemInstruction: system,
            tools: tools && [{ functionDeclarations: [geminiTool()] }],
          },
          { baseUrl: root, customHeaders: headers },
        );
      return {
        sdk,
        ask: async (prompt, options) => {
          const { response } = await model(prompt).generateContent(parts(prompt), options);
          return { text: prompt.tools ? '' : response.text(), ...response };
        },
        async *stream(prompt, options) {
          const answer = await model(prompt).generateContentStream(parts(prompt), options);
          answer.response.catch(() => {}); // the loop reports the same error
          for await (const raw of answer.stream)
            yield { raw, text: prompt.tools ? '' : raw.text() };
        },
      };
    },
  };
}
