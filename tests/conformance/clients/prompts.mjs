// One prompt in the words of each provider. A prompt is { text, system, image, tools, extra }:
// `image` are the bytes of one, `extra` is merged into the parameters.

export const models = {
  messages: 'claude-sonnet-5-5',
  chat_completions: 'gpt-6.1-sol',
  responses: 'gpt-5.6-terra',
  generate_content: 'gemini-3.8-flash',
};

const weather = {
  name: 'weather',
  description: 'What the weather is like in a city',
  schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city'],
  },
};
const base64 = (bytes) => bytes.toString('base64');
const dataUrl = (bytes) => `data:image/png;base64,${base64(bytes)}`;

export function messagesParams({ text, system, image, tools, extra }) {
  const picture = () => ({
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: base64(image) },
  });
  return {
    model: models.messages,
    max_tokens: 300,
    messages: [{ role: 'user', content: image ? [picture(), { type: 'text', text }] : text }],
    ...(system && { system }),
    ...(tools && {
      tools: [
        {
          name: weather.name,
          description: weather.description,
          input_schema: weather.schema,
        },
      ],
    }),
    ...extra,
  };
}

export function chatParams({ text, system, image, tools, extra }) {
  const picture = () => ({ type: 'image_url', image_url: { url: dataUrl(image) } });
  return {
    model: models.chat_completions,
    messages: [
      ...(system ? [{ role: 'system', content: system }] : []),
      { role: 'user', content: image ? [picture(), { type: 'text', text }] : text },
    ],
    ...(tools && {
      tools: [
        {
          type: 'function',
          function: {
            name: weather.name,
            description: weather.description,
            parameters: weather.schema,
          },
        },
      ],
    }),
    ...extra,
  };
}

export function responsesParams({ text, system, image, tools, extra }) {
  const parts = () => [
    { type: 'input_image', image_url: dataUrl(image), detail: 'auto' },
    { type: 'input_text', text },
  ];
  return {
    model: models.responses,
    input: image ? [{ role: 'user', content: parts() }] : text,
    ...(system && { instructions: system }),
    ...(tools && {
      tools: [
        {
          type: 'function',
          name: weather.name,
          description: weather.description,
          parameters: weather.schema,
          strict: false,
        },
      ],
    }),
    ...extra,
  };
}

/** @google/genai's arguments; `config` takes what others call options. */
export function genaiParams({ text, system, image, tools, extra }) {
  const picture = () => ({ inlineData: { mimeType: 'image/png', data: base64(image) } });
  return {
    model: models.generate_content,
    contents: [{ role: 'user', parts: [...(image ? [picture()] : []), { text }] }],
    config: {
      ...(system && { systemInstruction: system }),
      ...(tools && { tools: [{ functionDeclarations: [geminiTool()] }] }),
      ...extra,
    },
  };
}
export const geminiTool = () => ({
  name: weather.name,
  description: weather.description,
  parameters: {
    type: 'OBJECT',
    properties: { city: { type: 'STRING' }, days: { type: 'INTEGER' } },
    required: ['city'],
  },
});

/** Content parts as LangChain takes them. */
export const langchainContent = ({ text, image }) =>
  image
    ? [
        { type: 'image_url', image_url: { url: dataUrl(image) } },
        { type: 'text', text },
      ]
    : text;
export { dataUrl, weather };
