// What was saved: the one number, and what it is compared with.
import { byId, setText } from './dom.js';
import { count, dollars, picodollars, promptTokens, share, short, usd } from './text.js';

function words(saved, during) {
  return saved < 0n ? `Lost ${during}` : `Saved ${during}`;
}

/** A cache that was written and not read is a loss, and is shown as one. */
function showAmount(id, saved) {
  setText(id, dollars(saved));
  byId(id).classList.toggle('loss', saved < 0n);
}

function against(sums) {
  const actual = picodollars(sums.actual_usd);
  const uncached = picodollars(sums.uncached_usd);
  if (uncached === 0n && actual === 0n) return 'No request with a price yet';
  const saved = uncached - actual;
  const part = share(saved < 0n ? -saved : saved, uncached);
  return `paid ${dollars(actual)} where the same tokens without caching cost ` +
    `${dollars(uncached)}: ${part} ${saved < 0n ? 'more' : 'less'}`;
}

/** Foreword claims only what nobody else would have saved. */
function caused(sums) {
  const amount = picodollars(sums.caused_usd);
  if (amount === 0n) return '';
  return amount < 0n
    ? `Clients and providers caching by themselves would have paid ${dollars(-amount)} less.`
    : `${dollars(amount)} of it is Foreword\u2019s doing: what clients and providers cache by ` +
      'themselves would not have saved it.';
}

function notes(savings) {
  const { total, unpriced_models: unpriced } = savings;
  const parts = [`${count(total.requests)} requests`];
  if (total.estimated > 0) {
    parts.push(`${count(total.estimated)} of them with estimated usage (cut off, or running)`);
  }
  if (total.unpriced > 0) {
    const names = Object.keys(unpriced);
    const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
    parts.push(`${count(total.unpriced)} without a price, left out of the money (${shown})`);
  }
  if (total.failed > 0) parts.push(`${count(total.failed)} without an answer`);
  return `${parts.join('; ')}.`;
}

export function showSavings(toDate, month) {
  const saved = picodollars(toDate.total.saved_usd);
  setText('saved-title', words(saved, 'to date'));
  showAmount('saved-amount', saved);
  setText('saved-against', against(toDate.total));
  setText('saved-caused', caused(toDate.total));
  setText('saved-notes', notes(toDate));

  const ofMonth = picodollars(month.total.saved_usd);
  setText('month-title', words(ofMonth, 'this month'));
  showAmount('month-amount', ofMonth);
  setText('month-against', `paid ${usd(month.total.actual_usd)} instead of ` +
    usd(month.total.uncached_usd));

  const { tokens } = month.total;
  setText('hit-rate', share(tokens.cache_read, promptTokens(tokens)));
  setText('hit-against', `${short(tokens.cache_read)} of ${short(promptTokens(tokens))} prompt ` +
    'tokens this month were read from a cache');
}

/** The last of the tiles: what a month would cost, fine-tuned. */
export function showFinetuneTile(advice) {
  if (advice.verdict === 'cannot_tell') {
    setText('tune-amount', '–');
    setText('tune-against', 'Cannot be told yet');
    return;
  }
  const typical = advice.cheapest.typical;
  setText('tune-amount', `${usd(typical.total_usd)}`);
  setText('tune-against', `a month, the cheapest kind (${typical.words}); this traffic costs ` +
    `${usd(advice.month.actual_usd)}`);
}
