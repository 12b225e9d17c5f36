// Every case with every client that it applies to.
import { asking } from './asking.mjs';
import { connections } from './connections.mjs';
import { failing } from './failing.mjs';
import { raw } from './raw.mjs';
import { rawConnections } from './raw_connections.mjs';
import { rawClient } from './raw_requests.mjs';
import { streaming } from './streaming.mjs';
import { surface } from './surface.mjs';

const cases = [...asking, ...streaming, ...failing, ...connections, ...surface];

/** Pairs { testCase, client }; the raw cases belong to one set only. */
export function casesFor(set, clients) {
  const pairs = clients.flatMap((client) =>
    cases.filter(({ needs }) => needs?.(client) ?? true).map((testCase) => ({ testCase, client })),
  );
  const rawPairs = [...raw, ...rawConnections].map((testCase) => ({ testCase, client: rawClient }));
  return set === 'latest' ? [...pairs, ...rawPairs] : pairs;
}
