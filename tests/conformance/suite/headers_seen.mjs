// The heads of answers as Node's HTTP clients saw them, whatever library sits on top: fetch and
// node:http both publish them.
import diagnostics from 'node:diagnostics_channel';

import { keyPattern } from '../wire/recording_upstream.mjs';

const byKey = new Map();

/** For clients that are no part of this process. */
export const noteHead = (key, head) => byKey.get(key)?.push(head);

const note = (where, head) => noteHead(keyPattern.exec(where)?.[0], head);

diagnostics.subscribe('undici:request:headers', ({ request, response }) => {
  const flat = response.headers.map((bytes) => bytes.toString('latin1'));
  note(String(request.headers), { status: response.statusCode, headers: pairsOf(flat) });
});
diagnostics.subscribe('http.client.response.finish', ({ request, response }) => {
  const where = JSON.stringify(request.getHeaders());
  note(where, { status: response.statusCode, headers: pairsOf(response.rawHeaders) });
});

export const pairsOf = (flat) =>
  Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

/** Collects from now on; `take()` gives what came and ends it. */
export function headersSeenBy(key) {
  const heads = [];
  byKey.set(key, heads);
  return {
    take() {
      byKey.delete(key);
      return heads;
    },
  };
}
