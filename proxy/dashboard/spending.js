// Where the money goes: by class of token, model, knowledge base and label, as bars in tables.
import { bar, byId, element, headings, number, row, setText } from './dom.js';
import { count, dollars, moment, picodollars, share, short, toDraw, tokenClass } from './text.js';

const MOST = 8;

/** The dearest first; what is beyond MOST becomes one line. */
function dearest(entries) {
  const sorted = entries.toSorted((a, b) => (b.paid > a.paid ? 1 : b.paid < a.paid ? -1 : 0));
  if (sorted.length <= MOST + 1) return sorted;
  const rest = sorted.slice(MOST);
  const sum = (of) => rest.map(of).reduce((a, b) => a + b);
  return [...sorted.slice(0, MOST), {
    name: `${rest.length} others`,
    paid: sum(({ paid }) => paid),
    saved: sum(({ saved }) => saved),
    hasPrice: true,
  }];
}

function lineOf(entry, most, whole, detail) {
  const width = most > 0n ? toDraw(entry.paid) / toDraw(most) : 0;
  const name = element('span', { class: 'name', title: entry.name }, entry.name);
  return row([name, bar(width, 'paid')],
    number(entry.hasPrice ? dollars(entry.paid) : 'no price'),
    number(entry.hasPrice ? share(entry.paid, whole) : ''),
    ...detail(entry));
}

function fill(id, titles, entries, detail) {
  const lines = dearest(entries);
  const whole = entries.reduce((sum, { paid }) => sum + paid, 0n);
  const most = lines.length > 0 ? lines[0].paid : 0n;
  byId(id).replaceChildren(headings(...titles),
    element('tbody', {}, ...lines.map((entry) => lineOf(entry, most, whole, detail))));
}

function savedCell({ saved, hasPrice }) {
  const cell = number(hasPrice ? dollars(saved) : '');
  if (saved < 0n) cell.classList.add('loss');
  return cell;
}

export function showGroups(id, title, savings) {
  const entries = Object.entries(savings.groups).map(([name, sums]) => ({
    name,
    paid: picodollars(sums.actual_usd),
    saved: picodollars(sums.saved_usd),
    hasPrice: sums.unpriced < sums.requests,
  }));
  fill(id, [title, 'Paid', 'Share', 'Saved'], entries, (entry) => [savedCell(entry)]);
}

export function showClasses(spending) {
  const entries = Object.entries(spending.classes)
    .map(([name, { tokens, paid_usd: paid }]) =>
      ({ name: tokenClass(name), paid: picodollars(paid), tokens, hasPrice: true }))
    .filter(({ tokens }) => tokens > 0);
  fill('by-class', ['Kind', 'Paid', 'Share', 'Tokens'], entries,
    ({ tokens }) => [number(short(tokens), count(tokens))]);
  const seen = spending.looked_at;
  setText('by-class-note', seen.has_older_rows
    ? `Of the latest ${count(seen.rows)} requests, since ${moment(seen.first)}: older ones are ` +
      'not looked at here.'
    : '');
}
