// Answers in the words of the providers: what their APIs send for each operation, with what a proxy
// likes to trip over: escapes that have a shorter form, text that is not ASCII, numbers written as
// only they would, pings, fields that no SDK knows, and CRLF at Gemini.
import { readFileSync } from 'node:fs';

const answers = new URL('../answers/', import.meta.url);

const named = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const words = ['Fore', 'word', ' \u2014 ', 'gr\u00fc\u00df', 't'];

function messagesEvents() {
  const usage = { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  const message = {
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  return [
    named('message_start', { type: 'message_start', message }),
    named('content_block_start', {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'text', text: '' },
    }),
    'event: ping\ndata: {"type": "ping"}\n\n',
    ...words.map((text) =>
      named('content_block_delta', {
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text },
      }),
    ),
    named('content_block_stop', { type: 'content_block_stop', index: 0 }),
    named('message_delta', {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { ...usage, output_tokens: 7 },
    }),
    named('message_stop', { type: 'message_stop' }),
  ];
}

function chatEvents(includeUsage) {
  const chunk = (more) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1795000000,
      model: 'gpt-6.1-sol',
      ...more,
    })}\n\n`;
  const choice = (delta, finish_reason = null) =>
    chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  return [
    choice({ role: 'assistant', content: '' }),
    ...words.map((content) => choice({ content })),
    choice({}, 'stop'),
    ...(includeUsage ? [chunk({ choices: [], usage: chatUsage })] : []),
    'data: [DONE]\n\n',
  ];
}
const chatUsage = { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 };

function responsesEvents() {
  const response = {
    id: 'resp_1',
    object: 'response',
    created_at: 1795000000,
    model: 'gpt-5.6-terra',
    output: [],
  };
  const item = { id: 'msg_1', type: 'message', role: 'assistant', content: [] };
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const events = [
    { type: 'response.created', response: { ...response, status: 'in_progress' } },
    { type: 'response.output_item.added', output_index: 0, item },
    ...words.map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
    { type: 'response.output_text.done', ...place, text: words.join('') },
    {
      type: 'response.completed',
      response: {
        ...response,
        status: 'completed',
        usage: { input_tokens: 12, output_tokens: 7, total_tokens: 19 },
      },
    },
  ];
  return events.map((event, i) => named(event.type, { ...event, sequence_number: i }));
}

function generateContentEvents() {
  return words.map((text, i) => {
    const last = i === words.length - 1;
    const candidate = {
      content: { parts: [{ text }], role: 'model' },
      index: 0,
      ...(last && { finishReason: 'STOP' }),
    };
    const usage = { promptTokenCount: 12, candidatesTokenCount: i + 3, totalTokenCount: 15 + i };
    return `data: ${JSON.stringify({
      candidates: [candidate],
      usageMetadata: usage,
      modelVersion: 'gemini-3.8-flash',
    })}\r\n\r\n`;
  });
}

/** The bytes of answers/OPERATION.json. */
export const answerJson = (operation) => readFileSync(new URL(`${operation}.json`, answers));

/** One string per event; `includeUsage` as OpenAI's stream_options asks for it. */
export function answerEvents(operation, { includeUsage = false } = {}) {
  const events = {
    messages: messagesEvents,
    chat_completions: () => chatEvents(includeUsage),
    responses: responsesEvents,
    generate_content: generateContentEvents,
  };
  return events[operation]();
}

export function operationOf(target) {
  const path = target.split('?')[0];
  if (path.endsWith('/v1/messages')) return 'messages';
  if (path.endsWith('/chat/completions')) return 'chat_completions';
  if (path.endsWith('/responses')) return 'responses';
  if (/:(streamGenerateContent|generateContent)$/.test(path)) return 'generate_content';
  return undefined;
}

const eventStream = { 'content-type': 'text/event-stream; charset=utf-8' };

/** Starts a stream's answer; the head leaves at once. */
export function beginStream(response) {
  response.writeHead(200, eventStream);
  response.flushHeaders();
}

// A body that is not JSON has no flags; the tests send such on purpose.
function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

/** The default script of the recording upstream. */
export function providerAnswer(request, response) {
  const operation = operationOf(request.target);
  if (!operation) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"not found"}}');
    return;
  }
  const body = parsed(request.body);
  const stream = body.stream === true || request.target.includes(':streamGenerateContent');
  if (!stream) {
    const answer = answerJson(operation);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': answer.length,
    });
    response.end(answer);
    return;
  }
  const includeUsage = body.stream_options?.include_usage === true;
  beginStream(response);
  for (const event of answerEvents(operation, { includeUsage })) response.write(event);
  response.end();
}
