// Proves that the suite notices what a proxy can do wrong: each mutation of a relay must fail a
// case, and the relay without one must fail none.
//
//   node main.mjs --load FILE [--filter TEXT]
import { parseArgs } from 'node:util';

import { casesFor } from '../cases/all.mjs';
import { sets } from '../clients/sets.mjs';
import { hurry } from '../suite/patience.mjs';
import { runJobs } from '../suite/runner.mjs';
import { startRecordingUpstream } from '../wire/recording_upstream.mjs';
import { mutations } from './mutations.mjs';
import { startRelay } from './relay.mjs';

const { values } = parseArgs({
  options: { load: { type: 'string' }, filter: { type: 'string', default: '' } },
});
process.on('unhandledRejection', () => {});
console.warn = () => {};
globalThis.AI_SDK_LOG_WARNINGS = false;

const { load } = await import(values.load);
const clients = (await sets.latest(load)).filter(({ has }) => has.has('official'));
const jobs = casesFor('latest', clients)
  .map((job) => ({ ...job, name: `${job.client.name}: ${job.testCase.name}` }))
  .filter(({ testCase }) => !testCase.alone);

hurry();
const upstream = await startRecordingUpstream();
const direct = { name: 'direct', url: upstream.url };
let failed = 0;

async function failuresOf(mutation, chosen) {
  const relay = await startRelay(upstream.url, mutation);
  const targets = [{ name: 'relay', mode: 'off', url: relay.url }];
  const results = await runJobs(chosen, { upstream, direct, targets });
  await relay.close();
  return results.filter(({ failures }) => failures.length);
}

const say = (good, what) => {
  if (!good) failed += 1;
  console.log(`${good ? 'ok    ' : 'FAILED'} ${what}`);
};

const chosen = mutations(upstream.url).filter(({ name }) => name.includes(values.filter));
const [faithful, ...sinful] = await Promise.all([
  failuresOf({}, jobs),
  ...chosen.map(({ name, cases, ...mutation }) =>
    failuresOf(
      mutation,
      jobs.filter((job) => cases.test(job.name)),
    ),
  ),
]);
await upstream.close();

// What is for proxies only may ask for more than a relay of bytes does.
const proxyOnly = new Set(
  jobs.filter(({ testCase }) => testCase.proxyOnly).map(({ name }) => name),
);
const wrong = faithful.filter(({ name }) => !proxyOnly.has(name));
say(!wrong.length, 'what is compared passes where nothing is done wrong');
for (const { name, failures } of wrong) console.log(`    ${name}: ${failures.join('; ')}`);

const beyondRelays = new Set(faithful.map(({ name }) => name));
sinful.forEach((noticed, i) => {
  const by = noticed.filter(({ name }) => !beyondRelays.has(name));
  const first = by.length ? `: ${by.length} cases, such as "${by[0].name}"` : '';
  say(by.length, `${chosen[i].name}${first}`);
});
console.log(`${chosen.length + 1} checks: ${chosen.length + 1 - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
