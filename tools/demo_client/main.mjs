// The demo: a provider simulator, Foreword in front of it with a knowledge base, and a dozen
// questions through the official SDKs; then what the ledger says of them.
//
//   node main.mjs FOREWORD_BINARY DOCUMENTS [--keep]
//
// Ends with 1 where a question got no row in the ledger, or did not read the cache though an
// earlier one of its model had filled it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { promptTokens, savings, settledRow } from './admin_api.mjs';
import { runForeword, startProxy, startSimulator } from './foreword_process.mjs';
import { questions } from './questions.mjs';
import { openOperations } from './sdk_clients.mjs';
import { formatCount, formatTable, formatUsd } from './table.mjs';

const kb = 'debian';

const say = (text = '') => console.log(text);

async function askOne(operation, question, stream) {
  if (!stream) {
    const { answer, requestId } = await operation.ask(operation.params(question));
    return { text: operation.text(answer), requestId };
  }
  const { events, requestId } = await operation.stream(operation.params(question));
  let text = '';
  for await (const event of events) text += operation.eventText(event);
  return { text, requestId };
}

// One after the other, as a cache is only there to be read once an earlier request has filled it.
async function askAll(proxy) {
  const asked = [];
  for (const operation of openOperations({ base: `${proxy.url}/kb/${kb}` })) {
    for (const [i, question] of questions[operation.name].entries()) {
      const stream = i % 2 === 1;
      const { text, requestId } = await askOne(operation, question, stream);
      if (text === '') throw new Error(`${operation.sdk} gave no text for "${question}"`);
      const row = requestId ? await settledRow(proxy.admin, requestId) : undefined;
      asked.push({ operation, question, stream, first: i === 0, row });
      process.stderr.write('.');
    }
  }
  process.stderr.write('\n');
  return asked;
}

function answersTable(asked) {
  const columns = [
    { title: 'question' },
    { title: 'SDK' },
    { title: 'stream' },
    { title: 'prompt', right: true },
    { title: 'cached', right: true },
    { title: 'cost', right: true },
    { title: 'uncached', right: true },
    { title: 'saved', right: true },
  ];
  const rows = asked.map(({ operation, question, stream, row }) => [
    question,
    operation.sdk,
    stream ? 'yes' : 'no',
    ...(row
      ? [
          formatCount(promptTokens(row.tokens)),
          formatCount(row.tokens.cache_read),
          formatUsd(row.cost_usd),
          formatUsd(row.uncached_usd),
          formatUsd(row.saved_usd),
        ]
      : ['no row', '', '', '', '']),
  ]);
  return formatTable(columns, rows);
}

/** What went wrong, in the order of the questions. */
function findFaults(asked) {
  return asked.flatMap(({ operation, question, first, row }) => {
    const what = `${operation.sdk}, "${question}"`;
    if (!row) return [`${what}: no row in the ledger`];
    if (row.outcome !== 'complete') return [`${what}: the ledger says ${row.outcome}`];
    if (!first && row.tokens.cache_read === 0) return [`${what}: nothing was read from the cache`];
    return [];
  });
}

async function demo(binary, documents, started, options) {
  say('Starting the provider simulator and Foreword in front of it ...');
  const simulator = await startSimulator(binary, options);
  started.push(simulator);
  const proxy = await startProxy(binary, {
    upstream: simulator.url,
    store: join(options.directory, 'store'),
    ...options,
  });
  started.push(proxy);

  say(`Loading the Debian Policy Manual as the knowledge base "${kb}" ...`);
  const load = ['kb', 'load', kb, documents, '--admin', proxy.admin];
  say((await runForeword(binary, load, options)).trimEnd());
  say();

  say('Asking a dozen questions through the official SDKs; only their base URL is changed:');
  say(`  Anthropic, Gemini  ${proxy.url}/kb/${kb}`);
  say(`  OpenAI             ${proxy.url}/kb/${kb}/v1`);
  const asked = await askAll(proxy);
  say();
  say(answersTable(asked));
  say('The first question to a model writes the cache and pays for it; the others read it.');
  say();

  const { total } = await savings(proxy.admin);
  say(
    `${formatCount(total.requests)} requests cost ${formatUsd(total.actual_usd)}; without ` +
      `caching they would have cost ${formatUsd(total.uncached_usd)}: ` +
      `${formatUsd(total.saved_usd)} saved.`,
  );
  say('The answers come from the simulator; tokens and prices follow the published rules.');
  say();
  say('$ foreword savings --by model');
  const command = ['savings', '--by', 'model', '--admin', proxy.admin];
  say((await runForeword(binary, command, options)).trimEnd());
  say();

  const faults = findFaults(asked);
  if (total.requests < asked.length) {
    faults.push(`the ledger counts ${total.requests} requests of ${asked.length}`);
  }
  for (const fault of faults) console.error(`demo: ${fault}`);
  return { proxy, ok: faults.length === 0 };
}

function sayWhereNext({ proxy, started, directory, keep }) {
  if (keep) {
    say('The simulator and the proxy still run; send them more questions. Where to look:');
    say(`  the last requests     ${proxy.admin}/api/requests?limit=20`);
    say(`  the savings by model  ${proxy.admin}/api/savings?by=model`);
    say(`To stop them: kill ${started.map(({ pid }) => pid).join(' ')} && rm -r ${directory}`);
  } else {
    say('Where to look next:');
    say('  tools/demo --keep     leaves both running, with the URLs of the admin API');
  }
  say('  README.md             how to use it with your own documents and your own keys');
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { keep: { type: 'boolean', default: false } },
  });
  const [binary, documents] = positionals;
  if (!documents) throw new Error('usage: main.mjs FOREWORD_BINARY DOCUMENTS [--keep]');
  const { keep } = values;

  const directory = mkdtempSync(join(tmpdir(), 'foreword-demo-'));
  const started = [];
  const cleanUp = async () => {
    // The proxy first: it holds connections to the simulator.
    for (const { stop } of started.toReversed()) await stop();
    rmSync(directory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => cleanUp().finally(() => process.exit(130)));
  }

  let kept = false;
  try {
    const { proxy, ok } = await demo(binary, documents, started, { directory, detached: keep });
    if (!ok) process.exitCode = 1;
    sayWhereNext({ proxy, started, directory, keep });
    kept = keep;
  } finally {
    if (!kept) await cleanUp();
  }
}

main().catch((error) => {
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
});
