// What the recording upstream says, in the words of each operation; the plain answers and streams
// are those of tests/sdk.
import { answerEvents, answerJson } from '../../sdk/support/provider_answers.mjs';

export { answerEvents, answerJson };

export const json = [['content-type', 'application/json']];

/** The words that a stream says, each with the event that brings it. */
export function spokenEvents(operation) {
  const words = ['Fore', 'word', ' \u2014 ', 'gr\u00fc\u00df', 't'];
  let at = 0;
  return answerEvents(operation).map((event) => {
    const speaks = at < words.length && event.includes(JSON.stringify(words[at]));
    return { event, word: speaks ? words[at++] : undefined };
  });
}

const named = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** A stream that says a word and then calls a tool, its arguments in pieces. */
export function toolEvents(operation) {
  const begin = answerEvents(operation);
  const pieces = ['{"city"', ':"M\u00fcn', 'chen","days":', '3}'];
  const chat = JSON.parse(begin[0].startsWith('data: {') ? begin[0].slice(6) : '{}');
  switch (operation) {
    case 'messages': {
      const block = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} };
      const delta = (text) => ({ type: 'input_json_delta', partial_json: text });
      const stop = { stop_reason: 'tool_use', stop_sequence: null };
      return [
        begin[0],
        named('content_block_start', {
          type: 'content_block_start',
          index: 0,
          content_block: block,
        }),
        ...pieces.map((text) =>
          named('content_block_delta', {
            type: 'content_block_delta',
            index: 0,
            delta: delta(text),
          }),
        ),
        named('content_block_stop', { type: 'content_block_stop', index: 0 }),
        named('message_delta', { type: 'message_delta', delta: stop, usage: { output_tokens: 9 } }),
        named('message_stop', { type: 'message_stop' }),
      ];
    }
    case 'chat_completions': {
      const chunk = (delta, finish_reason = null) =>
        `data: ${JSON.stringify({ ...chat, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
      const call = (more, text) => ({
        tool_calls: [{ index: 0, ...more, function: { ...more.function, arguments: text } }],
      });
      const first = { id: 'call_1', type: 'function', function: { name: 'weather' } };
      return [
        chunk({ role: 'assistant', content: null, ...call(first, '') }),
        ...pieces.map((text) => chunk(call({}, text))),
        chunk({}, 'tool_calls'),
        'data: [DONE]\n\n',
      ];
    }
    case 'responses': {
      const item = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'weather' };
      const place = { item_id: 'fc_1', output_index: 0 };
      const events = [
        { type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } },
        ...pieces.map((delta) => ({
          type: 'response.function_call_arguments.delta',
          ...place,
          delta,
        })),
        {
          type: 'response.function_call_arguments.done',
          ...place,
          name: 'weather',
          arguments: pieces.join(''),
        },
        {
          type: 'response.output_item.done',
          output_index: 0,
          item: { ...item, arguments: pieces.join(''), status: 'completed' },
        },
      ];
      const rest = events.map((event, i) =>
        named(event.type, { ...event, sequence_number: i + 1 }),
      );
      return [begin[0], ...rest, begin.at(-1)];
    }
    default: {
      const functionCall = { name: 'weather', args: JSON.parse(pieces.join('')) };
      const content = { parts: [{ functionCall }], role: 'model' };
      const candidates = [{ content, index: 0, finishReason: 'STOP' }];
      return [`data: ${JSON.stringify({ candidates })}\r\n\r\n`];
    }
  }
}

/** The same call in an answer that is no stream. */
export function toolAnswer(operation) {
  const answer = JSON.parse(answerJson(operation));
  const args = '{"city":"M\u00fcnchen","days":3}';
  switch (operation) {
    case 'messages':
      answer.content = [
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: JSON.parse(args) },
      ];
      answer.stop_reason = 'tool_use';
      break;
    case 'chat_completions':
      answer.choices[0].message = {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'weather', arguments: args } },
        ],
      };
      answer.choices[0].finish_reason = 'tool_calls';
      break;
    case 'responses':
      answer.output = [
        {
          id: 'fc_1',
          type: 'function_call',
          call_id: 'call_1',
          name: 'weather',
          arguments: args,
          status: 'completed',
        },
      ];
      break;
    default:
      answer.candidates[0].content.parts = [
        { functionCall: { name: 'weather', args: JSON.parse(args) } },
      ];
  }
  return JSON.stringify(answer);
}

const types = {
  400: ['invalid_request_error', 'INVALID_ARGUMENT'],
  401: ['authentication_error', 'UNAUTHENTICATED'],
  403: ['permission_error', 'PERMISSION_DENIED'],
  404: ['not_found_error', 'NOT_FOUND'],
  408: ['timeout_error', 'DEADLINE_EXCEEDED'],
  409: ['conflict_error', 'ABORTED'],
  413: ['request_too_large', 'INVALID_ARGUMENT'],
  429: ['rate_limit_error', 'RESOURCE_EXHAUSTED'],
  500: ['api_error', 'INTERNAL'],
  503: ['overloaded_error', 'UNAVAILABLE'],
  529: ['overloaded_error', 'UNAVAILABLE'],
};

/** An error in the provider's shape, with the headers that it sends beside. */
export function providerError(provider, status) {
  const [type, gemini] = types[status];
  const message = `no: ${status} \u2014 "quoted"`;
  const ids = {
    anthropic: ['request-id', 'req_abc123'],
    openai: ['x-request-id', 'req_def456'],
    gemini: ['x-goog-request-id', 'ghi789'],
  };
  const bodies = {
    anthropic: { type: 'error', error: { type, message }, request_id: 'req_abc123' },
    openai: { error: { message, type, param: null, code: `code_${status}` } },
    gemini: { error: { code: status, message, status: gemini, details: [] } },
  };
  return { status, json: bodies[provider], headers: [ids[provider]] };
}

/** An error in the middle of a stream, as the provider sends it. */
export function errorEvent(operation) {
  const error = { type: 'overloaded_error', message: 'Overloaded' };
  switch (operation) {
    case 'messages':
      return named('error', { type: 'error', error });
    case 'chat_completions':
      return `data: ${JSON.stringify({ error: { ...error, code: 'overloaded' } })}\n\n`;
    case 'responses':
      return named('error', { type: 'error', code: 'server_error', message: 'Overloaded' });
    default:
      return `data: ${JSON.stringify({
        error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' },
      })}\r\n\r\n`;
  }
}
