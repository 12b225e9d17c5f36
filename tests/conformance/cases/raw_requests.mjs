// The requests of cases that write their bytes themselves, and what is seen of their answers.
import { createHash } from 'node:crypto';

import { connect } from '../wire/raw_client.mjs';

/** The client of these cases. */
export const rawClient = {
  name: 'raw',
  provider: 'anthropic',
  operation: 'messages',
  has: new Set(['raw']),
  open: ({ root }) => connect(root),
};

const ownHeaders = /^(x-foreword-request|keep-alive|connection|transfer-encoding|date)$/i;

/** An answer as two runs can compare it. */
export function visible(answer) {
  if (!answer) return 'the connection ended without an answer';
  const { status, reason, headers, interim, chunkSizes, body, complete } = answer;
  const kept = (pairs) => pairs.filter(([name]) => !ownHeaders.test(name));
  return {
    status,
    reason,
    headers: kept(headers),
    interim: interim.map((one) => ({ ...one, headers: kept(one.headers) })),
    chunkSizes,
    body: body.length < 5_000 ? body : createHash('sha256').update(body).digest('hex'),
    bytes: body.length,
    complete,
  };
}

export const auth = (t) => [
  ['Host', new URL(t.url).host],
  ['x-api-key', t.key],
];
/** The smallest prompt. */
export const prompt = '{"model":"claude-sonnet-5-5","max_tokens":9,"messages":[]}';
export const jsonType = ['Content-Type', 'application/json'];
