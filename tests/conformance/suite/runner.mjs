// Runs cases: each directly against the upstream first, which says what is right, and then through
// every target; many at once.
import { differences } from './compare.mjs';
import { runCase } from './run_case.mjs';

// Most of a case is waiting.
const atOnce = 32;

/**
 * A case is:
 * - `name`; `needs(client)`: whether it applies;
 * - `answer(exchange, index, t)`: the upstream's script;
 * - `act(t)`: what the client does; resolves to what it saw;
 * - `check(observed, { target, requests })`: throws where what must hold does not;
 * - `proxyOnly`: there is nothing to compare with, the check says it all;
 * - `unordered`, `bodyMayDiffer`: see compare.mjs; `alone`: not beside others;
 * - `only`: the one mode that it is worth its time in.
 *
 * `jobs` are { testCase, client }. Resolves to results: { name, target, failures, seconds }, and
 * reports each as it comes.
 */
export async function runJobs(jobs, { upstream, direct, targets, report = () => {} }) {
  const results = [];
  const add = (result) => {
    results.push(result);
    report(result);
  };
  const queue = jobs.filter(({ testCase }) => !testCase.alone);
  const worker = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      await runJob(job, { upstream, direct, targets, add });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  for (const job of jobs.filter(({ testCase }) => testCase.alone)) {
    await runJob(job, { upstream, direct, targets, add });
  }
  return results;
}

async function runJob({ testCase, client }, { upstream, direct, targets, add }) {
  const name = `${client.name}: ${testCase.name}`;
  let expected;
  if (!testCase.proxyOnly) {
    try {
      expected = await runCase(testCase, client, { target: direct, upstream, tag: 'd' });
    } catch (error) {
      add({ name, target: direct.name, failures: [error.stack] });
      return;
    }
  }
  for (const [i, target] of targets.entries()) {
    if (testCase.only && testCase.only !== target.mode) continue;
    const began = performance.now();
    const failures = [];
    try {
      const run = await runCase(testCase, client, { target, upstream, tag: 'pqrst'[i] });
      if (expected)
        failures.push(...differences(expected, run, { ...testCase, mode: target.mode }));
    } catch (error) {
      failures.push(error.name === 'AssertionError' ? error.message : error.stack);
    }
    add({ name, target: target.name, failures, seconds: (performance.now() - began) / 1000 });
  }
}
