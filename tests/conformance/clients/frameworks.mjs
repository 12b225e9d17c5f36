// Vercel's AI SDK, LangChain and LlamaIndex; the shape of a client is told in official.mjs.
import { dataUrl, langchainContent, models, weather } from './prompts.mjs';

const has = (...names) => new Set(names);

const versioned = (root, version) => {
  const slash = root.endsWith('/') ? '/' : '';
  return `${root.replace(/\/$/, '')}/${version}${slash}`;
};

// --- AI SDK ------------------------------------------------------------------------------------

const aiSdkKinds = {
  'ai-sdk anthropic': {
    provider: 'anthropic',
    operation: 'messages',
    version: 'v1',
    model: (create, options) => create.createAnthropic(options)(models.messages),
  },
  'ai-sdk openai responses': {
    provider: 'openai',
    operation: 'responses',
    version: 'v1',
    model: (create, options) => create.createOpenAI(options)(models.responses),
  },
  'ai-sdk openai chat': {
    provider: 'openai',
    operation: 'chat_completions',
    version: 'v1',
    model: (create, options) => create.createOpenAI(options).chat(models.chat_completions),
  },
  'ai-sdk google': {
    provider: 'gemini',
    operation: 'generate_content',
    version: 'v1beta',
    model: (create, options) => create.createGoogleGenerativeAI(options)(models.generate_content),
  },
};

/** `kind` is one of aiSdkKinds, `ai` and `create` are the modules. */
export function aiSdk({ name, kind, ai, create }) {
  const { provider, operation, version, model } = aiSdkKinds[kind];
  const params = ({ text, system, image, tools }) => ({
    ...(system && { system }),
    messages: [
      {
        role: 'user',
        content: image
          ? [
              { type: 'image', image: dataUrl(image) },
              { type: 'text', text },
            ]
          : text,
      },
    ],
    ...(tools && {
      tools: {
        [weather.name]: ai.tool({
          description: weather.description,
          inputSchema: ai.jsonSchema(weather.schema),
        }),
      },
    }),
  });
  return {
    name,
    provider,
    operation,
    has: has('abort', 'abortStream', 'retries', 'hints', 'headers'),
    open({ root, key, retries, headers }) {
      const opened = model(create, { apiKey: key, baseURL: versioned(root, version), headers });
      const call = (prompt, { signal } = {}) => ({
        model: opened,
        maxRetries: retries,
        abortSignal: signal,
        ...params(prompt),
      });
      return {
        ask: async (prompt, options) => {
          const { text, toolCalls, finishReason, usage } = await ai.generateText(
            call(prompt, options),
          );
          const calls = toolCalls.map(({ toolName, input }) => ({ toolName, input }));
          return { text, calls, finishReason, usage };
        },
        async *stream(prompt, options) {
          const { fullStream } = ai.streamText({ ...call(prompt, options), onError() {} });
          for await (const part of fullStream) {
            if (part.type === 'error') throw part.error;
            if (part.type === 'abort') throw new Error('the stream says that it was aborted');
            const { type, text = '', finishReason, toolName, input } = part;
            const delta = type === 'text-delta' ? text : '';
            yield { text: delta, raw: { type, text, finishReason, toolName, input } };
          }
        },
      };
    },
  };
}

// --- LangChain ---------------------------------------------------------------------------------

const langchainTool = {
  type: 'function',
  function: {
    name: weather.name,
    description: weather.description,
    parameters: weather.schema,
  },
};

const langchainKinds = {
  'langchain anthropic': {
    provider: 'anthropic',
    operation: 'messages',
    has: ['abort', 'abortStream', 'break', 'retries', 'headers'],
    model: ({ ChatAnthropic }, { root, key, retries, headers }) =>
      new ChatAnthropic({
        model: models.messages,
        apiKey: key,
        anthropicApiUrl: root,
        maxRetries: retries,
        maxTokens: 300,
        clientOptions: { defaultHeaders: headers },
      }),
  },
  'langchain openai': {
    provider: 'openai',
    operation: 'chat_completions',
    has: ['abort', 'abortStream', 'break', 'retries', 'headers'],
    model: ({ ChatOpenAI }, { root, key, retries, headers }) =>
      new ChatOpenAI({
        model: models.chat_completions,
        apiKey: key,
        maxRetries: retries,
        useResponsesApi: false,
        configuration: { baseURL: versioned(root, 'v1'), defaultHeaders: headers },
      }),
  },
  'langchain google-genai': {
    provider: 'gemini',
    operation: 'generate_content',
    has: ['abortStream', 'retries', 'strictStreams'],
    model: ({ ChatGoogleGenerativeAI }, { root, key, retries }) =>
      new ChatGoogleGenerativeAI({
        model: models.generate_content,
        apiKey: key,
        baseUrl: root,
        maxRetries: retries,
      }),
  },
  'langchain google': {
    provider: 'gemini',
    operation: 'generate_content',
    // It aborts as well, but its Request holds the signal weakly: it may be collected first.
    has: ['retries'],
    model: ({ ChatGoogle }, { root, key, retries }) =>
      new ChatGoogle({
        model: models.generate_content,
        apiKey: key,
        endpoint: root.replace(/\/$/, ''),
        maxRetries: retries,
      }),
  },
};

export function langchain({ name, kind, module, messages: { HumanMessage, SystemMessage } }) {
  const { provider, operation, model, has: can } = langchainKinds[kind];
  const textOf = ({ content }) =>
    typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');
  const seen = (message) => ({
    content: message.content,
    tool_calls: message.tool_calls,
    usage_metadata: message.usage_metadata,
    response_metadata: message.response_metadata,
  });
  return {
    name,
    provider,
    operation,
    has: has(...can),
    open(options) {
      const chat = model(module, options);
      const bound = ({ tools }) => (tools ? chat.bindTools([langchainTool]) : chat);
      const input = (prompt) => [
        ...(prompt.system ? [new SystemMessage(prompt.system)] : []),
        new HumanMessage({ content: langchainContent(prompt) }),
      ];
      return {
        ask: async (prompt, more) => seen(await bound(prompt).invoke(input(prompt), more)),
        async *stream(prompt, more) {
          for await (const chunk of await bound(prompt).stream(input(prompt), more)) {
            yield { text: textOf(chunk), raw: seen(chunk) };
          }
        },
      };
    },
  };
}

// --- LlamaIndex --------------------------------------------------------------------------------

const llamaindexKinds = {
  'llamaindex anthropic': {
    provider: 'anthropic',
    operation: 'messages',
    model: ({ Anthropic, AnthropicSession }, { root, key }) =>
      new Anthropic({
        model: models.messages,
        apiKey: key,
        session: new AnthropicSession({ apiKey: key, baseURL: root, maxRetries: 0 }),
      }),
  },
  'llamaindex openai': {
    provider: 'openai',
    operation: 'chat_completions',
    model: ({ OpenAI }, { root, key }) =>
      new OpenAI({
        model: models.chat_completions,
        apiKey: key,
        baseURL: versioned(root, 'v1'),
        maxRetries: 0,
      }),
  },
  'llamaindex google': {
    provider: 'gemini',
    operation: 'generate_content',
    model: ({ Gemini }, { root, key }) =>
      new Gemini({ model: models.generate_content, apiKey: key, httpOptions: { baseUrl: root } }),
  },
};

export function llamaindex({ name, kind, module }) {
  const { provider, operation, model } = llamaindexKinds[kind];
  const content = ({ text, image }) =>
    image
      ? [
          { type: 'image_url', image_url: { url: dataUrl(image) } },
          { type: 'text', text },
        ]
      : text;
  return {
    name,
    provider,
    operation,
    has: has('noTools', ...(kind === 'llamaindex google' ? ['noImages'] : [])),
    open(options) {
      const llm = model(module, options);
      const messages = (prompt) => [
        ...(prompt.system ? [{ role: 'system', content: prompt.system }] : []),
        { role: 'user', content: content(prompt) },
      ];
      return {
        ask: async (prompt) => {
          const { message } = await llm.chat({ messages: messages(prompt) });
          return { message };
        },
        async *stream(prompt) {
          for await (const { delta, options: more } of await llm.chat({
            messages: messages(prompt),
            stream: true,
          })) {
            yield { text: delta, raw: { delta, options: more } };
          }
        },
      };
    },
  };
}
