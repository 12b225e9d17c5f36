// Runs one set of clients through a foreword in each mode.
//
//   node main.mjs --binary FILE --set NAME --load FILE [--filter TEXT] [--mode NAME...]
//
// Ends with 1 where a case failed; its last line is `N cases: P passed, F failed`.
import { parseArgs } from 'node:util';

import { casesFor } from './cases/all.mjs';
import { sets } from './clients/sets.mjs';
import { runJobs } from './suite/runner.mjs';
import { modes, openTargets } from './suite/target.mjs';
import { startRecordingUpstream } from './wire/recording_upstream.mjs';

const { values } = parseArgs({
  options: {
    binary: { type: 'string' },
    set: { type: 'string' },
    load: { type: 'string' },
    filter: { type: 'string', default: '' },
    mode: { type: 'string', multiple: true, default: modes },
  },
});

// Some libraries leave the promises of a failed stream to nobody.
process.on('unhandledRejection', () => {});
console.warn = () => {};
globalThis.AI_SDK_LOG_WARNINGS = false;

const { load } = await import(values.load);
const clients = await sets[values.set](load);
const jobs = casesFor(values.set, clients).filter(({ testCase, client }) =>
  `${client.name}: ${testCase.name}`.includes(values.filter),
);

const upstream = await startRecordingUpstream();
const opened = openTargets(values.binary);
const targets = await Promise.all(
  values.mode.map((mode) => opened.proxy({ upstream: upstream.url, mode })),
);
const direct = { name: 'direct', url: upstream.url };
const report = ({ name, target, failures }) => {
  if (failures.length) console.log(`FAILED ${name} [${target}]\n    ${failures.join('\n    ')}`);
};
const results = await runJobs(jobs, { upstream, direct, targets, report });
await opened.close();
await upstream.close();

const failed = results.filter(({ failures }) => failures.length).length;
console.log(`${results.length} cases: ${results.length - failed} passed, ${failed} failed`);
process.exit(failed || !results.length ? 1 : 0);
