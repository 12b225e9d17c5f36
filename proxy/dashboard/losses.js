// What was paid for although a cache could have served it, and why it was not.
import { bar, byId, element, headings, number, row, setText } from './dom.js';
import { count, dollars, moment, picodollars, share, short, toDraw } from './text.js';

const CAUSES = {
  first_use: ['First use', 'nobody had asked with this knowledge base and model before'],
  new_version: ['New version', 'the documents changed: what caches held of them was void'],
  expired: ['Expired', 'the last use was longer ago than the provider keeps it'],
  together: ['Sent together', 'the write before it could not be read yet'],
  unexplained: ['Unexplained',
    'a cache should have had it: other tools in front, another account, or evicted'],
  refused: ['Refused', 'the provider took none of what asks for caching'],
  left_out: ['Left out', 'the knowledge base could not go into the prompt'],
  too_short: ['Too short', 'no cache takes prompts this small; nothing can be saved'],
  not_asked_for: ['Not asked for', 'no knowledge base, and nothing of the prompt was cached'],
  broken_off: ['Broken off', 'paid, and the answer did not reach its end'],
};

function lineOf(cause, most) {
  const [name, why] = CAUSES[cause.cause] ?? [cause.cause, ''];
  const lost = picodollars(cause.lost_usd);
  const width = most > 0n ? toDraw(lost) / toDraw(most) : 0;
  return row(
    [element('span', { class: 'name' }, name), element('span', { class: 'why' }, why),
      bar(width, cause.is_upper_bound ? 'maybe' : 'lost')],
    number(count(cause.requests)),
    number(short(cause.tokens), count(cause.tokens)),
    number(`${cause.is_upper_bound && lost > 0n ? 'at most ' : ''}${dollars(lost)}`,
      cause.lost_usd));
}

export function showLosses(misses) {
  const causes = misses.causes.filter(({ requests }) => requests > 0)
    .map((cause) => ({ ...cause, lost: picodollars(cause.lost_usd) }))
    .toSorted((a, b) => (b.lost > a.lost ? 1 : b.lost < a.lost ? -1 : b.requests - a.requests));
  const sure = causes.filter(({ is_upper_bound: open }) => !open)
    .reduce((sum, { lost }) => sum + lost, 0n);
  setText('losses-summary', misses.prompts === 0 ? 'No prompt with a price yet.'
    : `${share(misses.hits, misses.prompts)} of ${count(misses.prompts)} prompts read all that ` +
      `a cache could give them. The rest lost ${dollars(sure)}, as far as the ledger can tell.`);
  const most = causes.length > 0 ? causes[0].lost : 0n;
  byId('losses-table').replaceChildren(headings('Cause', 'Requests', 'Tokens', 'Lost'),
    element('tbody', {}, ...causes.map((cause) => lineOf(cause, most))));
  const seen = misses.looked_at;
  const since = seen.first ? `, since ${moment(seen.first)}` : '';
  setText('losses-note', 'Told from the ledger: each prompt by the one before it with the same ' +
    'knowledge base, model and upstream. How many tokens a knowledge base has is estimated. ' +
    `Looked at: ${count(seen.rows)} requests${since}` +
    (seen.has_older_rows ? '; older ones are left out.' : '.'));
}
