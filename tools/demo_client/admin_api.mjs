// Reads the admin API: what the ledger says of a request, and of all of them.
import { setTimeout as delay } from 'node:timers/promises';

export async function getJson(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
  return response.json();
}

/** The row of a request as soon as it `isDue`; undefined when that is not so by the deadline. */
export async function rowOnce(admin, id, isDue, { withinMs = 5_000 } = {}) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const response = await fetch(`${admin}/api/requests/${id}`);
    const answer = await response.json();
    if (response.ok && isDue(answer)) return answer;
    if (!response.ok && response.status !== 404) {
      throw new Error(`GET /api/requests/${id} answered ${response.status}`);
    }
    if (Date.now() > deadline) return undefined;
    await delay(25);
  }
}

/** The row of a request once it has ended. */
export const settledRow = (admin, id) =>
  rowOnce(admin, id, ({ outcome }) => outcome !== 'provisional');

export const savings = (admin, query = '') => getJson(`${admin}/api/savings${query}`);

const writes = ['cache_write_5m', 'cache_write_1h', 'cache_write_30m', 'cache_write_12h'];

export const writtenTokens = (tokens) => writes.reduce((sum, name) => sum + (tokens[name] ?? 0), 0);

export const promptTokens = (tokens) => tokens.input + tokens.cache_read + writtenTokens(tokens);
