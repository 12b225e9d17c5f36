// Every case with every client that it applies to.
import { asking } from './asking.mjs';
import { connections } from './connections.mjs';
import { failing } from './failing.mjs';
import { raw, rawClient } from './raw.mjs';
import { streaming } from './streaming.mjs';

const cases = [...asking, ...streaming, ...failing, ...connections];

/** Pairs { testCase, client }; the raw cases belong to one set only. */
export function casesFor(set, clients) {
  const pairs = clients.flatMap((client) =>
    cases.filter(({ needs }) => needs?.(client) ?? true).map((testCase) => ({ testCase, client })),
  );
  const rawPairs = raw.map((testCase) => ({ testCase, client: rawClient }));
  return set === 'latest' ? [...pairs, ...rawPairs] : pairs;
}
