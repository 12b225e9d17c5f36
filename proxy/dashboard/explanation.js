// One request's story, as `foreword explain` has it: why its cache was warm or was not, its bill
// line by line, and what the same tokens would have cost otherwise.
import { element } from './dom.js';
import { count, tokenClass } from './text.js';

const CAUSES = {
  warm: 'Warm: all of it was read',
  extended: 'Warm: it was read, and what came behind it was written',
  not_cached: 'Neither read nor written: too short for this model\u2019s cache, or not asked for',
  first_use: 'A miss: no request of the day before used it with this model',
  new_version: 'A miss: it was published anew since the request before',
  expired: 'A miss: the request before was longer ago than what was written lives',
  too_soon: 'A miss: the answer to the request before had not begun, so that its write was not ' +
    'visible',
  unexplained: 'A miss that the ledger does not explain: other tools in front, another key or ' +
    'workspace, or the provider dropped it',
};

const SCENARIOS = {
  paid: 'Paid',
  uncached: 'Without any caching',
  all_read: 'Had all that was written been warm',
  all_written: 'Had nothing been warm',
  without_kb: 'Without the knowledge base (estimate)',
};

function time(seconds) {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function cacheFacts(cache, open) {
  if (cache.cause === 'none') return [];
  const pairs = [['Its knowledge base', CAUSES[cache.cause] ?? cache.cause]];
  if (cache.before !== null) {
    const before = element('button', { type: 'button', class: 'link' }, cache.before);
    before.addEventListener('click', () => open(cache.before));
    pairs.push(['The request before', before]);
    pairs.push(['So long before', time(cache.since_before_s)]);
    pairs.push(['What was written lives',
      cache.time_to_live_s === null ? 'not known' : time(cache.time_to_live_s)]);
  }
  return [['Why its cache was warm, or was not', pairs]];
}

function billFacts({ bill, request }) {
  if (bill === null) return [];
  const lines = bill.lines.map((line) => [tokenClass(line.class),
    `${count(line.tokens)} \u00d7 $${line.usd_per_million} per million = $${line.usd}`]);
  const factors = bill.factors.map(({ term, value, factor }) =>
    [`${term} ${value}`, `\u00d7 ${factor}`]);
  const prices = bill.long_context ? `${bill.table}, those of long prompts` : bill.table;
  const kept = bill.agrees ? [] : [['The row keeps what it was priced at',
    `$${request.cost_usd}, by the prices of ${request.price_version ?? 'before'}`]];
  return [['Its bill', [['By the prices of', prices], ...lines, ...factors,
    ['Total', `$${bill.usd}`], ...kept]]];
}

function scenarioFacts(scenarios) {
  const pairs = Object.entries(scenarios)
    .map(([name, usd]) => [SCENARIOS[name] ?? name, `$${usd}`]);
  return pairs.length === 0 ? [] : [['What it would have cost', pairs]];
}

/** [title, [[name, text or node]]] of each part that there is; `open(id)` shows another request. */
export function story(explanation, open) {
  return [...cacheFacts(explanation.cache, open), ...billFacts(explanation),
    ...scenarioFacts(explanation.scenarios)];
}
