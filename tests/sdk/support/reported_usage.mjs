// What a provider's answer says it used, as one number: every token of prompt and answer.

const sum = (...counts) => counts.reduce((total, count) => total + (count ?? 0), 0);

// Anthropic's input excludes what was read from the cache or written to it.
const messagesTotal = (usage) =>
  sum(
    usage.input_tokens,
    usage.cache_creation_input_tokens,
    usage.cache_read_input_tokens,
    usage.output_tokens,
  );

const ofAnswer = {
  messages: (answer) => messagesTotal(answer.usage),
  chat_completions: ({ usage }) => usage.prompt_tokens + usage.completion_tokens,
  responses: ({ usage }) => usage.input_tokens + usage.output_tokens,
  generate_content: ({ usageMetadata }) =>
    sum(
      usageMetadata.promptTokenCount,
      usageMetadata.candidatesTokenCount,
      usageMetadata.thoughtsTokenCount,
      usageMetadata.toolUsePromptTokenCount,
    ),
};

// Anthropic says it in message_start and again, cumulative, in message_delta: the last one counts.
function messagesUsage(events) {
  const start = events.find(({ type }) => type === 'message_start').message.usage;
  const delta = events.findLast(({ type }) => type === 'message_delta')?.usage;
  return messagesTotal({ ...start, ...delta });
}

const ofEvents = {
  messages: messagesUsage,
  chat_completions: (events) => ofAnswer.chat_completions(events.findLast(({ usage }) => usage)),
  responses: (events) =>
    ofAnswer.responses(events.find(({ type }) => type === 'response.completed').response),
  generate_content: (events) => ofAnswer.generate_content(events.findLast((e) => e.usageMetadata)),
};

export const usageOfAnswer = (operation, answer) => ofAnswer[operation](answer);
export const usageOfEvents = (operation, events) => ofEvents[operation](events);

export const totalOfRow = (row) => sum(...Object.values(row.tokens));
