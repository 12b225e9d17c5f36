// The scenarios over time, and the hit rate: two charts and their table.
import { makeChart } from './chart.js';
import { byId, element, headings, number, row, setText } from './dom.js';
import { dollars, picodollars, promptTokens, share, toDraw } from './text.js';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

const SCENARIOS = [
  { key: 'uncached_usd', name: 'without caching', colour: '--uncached', dash: [8, 5] },
  { key: 'client_only_usd', name: 'with clients\u2019 and providers\u2019 own caching alone',
    colour: '--client-only', dash: [2, 4] },
  { key: 'finetune_usd', name: 'the cheapest fine-tune (typical)', colour: '--finetune',
    dash: [12, 4, 2, 4] },
  { key: 'actual_usd', name: 'paid', colour: '--paid', width: 3 },
];

let costs = null;
let hits = null;
let latest = null;
let advice = null;

/** A line of the legend shows the dashes, since not everybody tells the colours apart. */
function legendEntry({ name, colour, dash = [], width = 2 }) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 36 8');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
  for (const [key, value] of Object.entries({ x1: 0, x2: 36, y1: 4, y2: 4 })) {
    line.setAttribute(key, value);
  }
  line.setAttribute('stroke-width', width);
  line.setAttribute('stroke-dasharray', dash.join(' '));
  line.style.stroke = `var(${colour})`;
  svg.append(line);
  return element('li', {}, svg, name);
}

/** One point for each day or hour from the first to the last, those without a request as well. */
function points(savings, isHourly) {
  const names = Object.keys(savings.groups).filter((name) => name !== '(other)').sort();
  if (names.length === 0) return [];
  const step = isHourly ? HOUR_S : DAY_S;
  const seconds = (name) => Date.parse(isHourly ? name : `${name}T00:00:00Z`) / 1000;
  const found = new Map(names.map((name) => [seconds(name), savings.groups[name]]));
  const made = [];
  for (let at = seconds(names[0]); at <= seconds(names.at(-1)); at += step) {
    made.push({ at, sums: found.get(at) ?? null });
  }
  return made;
}

function amounts(list, key, isHourly) {
  if (key !== 'finetune_usd') {
    return list.map(({ sums }) => (sums ? picodollars(sums[key]) : 0n));
  }
  const ofDay = picodollars(advice.cheapest.typical.day_usd);
  return list.map(() => (isHourly ? ofDay / 24n : ofDay));
}

function addedUp(values) {
  let sum = 0n;
  return values.map((value) => (sum += value));
}

const isKnown = (key, list) => (key === 'finetune_usd'
  ? advice !== null && advice.verdict !== 'cannot_tell'
  : list.some(({ sums }) => sums && key in sums));

function drawCosts() {
  const { list, isHourly } = latest;
  const running = document.querySelector('input[name="sums"]:checked').value === 'running';
  const lines = SCENARIOS.filter(({ key }) => isKnown(key, list)).map((scenario) => {
    const each = amounts(list, scenario.key, isHourly);
    const values = running ? addedUp(each) : each;
    return { ...scenario, values: values.map(toDraw), texts: values.map(dollars) };
  });
  byId('cost-legend').replaceChildren(...lines.map(legendEntry));
  const ends = lines.map((line) => `${line.name} ${line.texts.at(-1)}`).join(', ');
  const describe = `Costs over time${running ? ', added up' : ''}. At the end: ${ends}. ` +
    'The arrow keys go through the days; a table is below.';
  costs({ times: list.map(({ at }) => at), lines, isHourly, describe });
}

function drawHits() {
  const { list, isHourly } = latest;
  const rates = list.map(({ sums }) => {
    const prompt = sums ? promptTokens(sums.tokens) : 0;
    return prompt > 0 ? sums.tokens.cache_read / prompt : null;
  });
  const texts = rates.map((rate) => (rate === null ? 'no prompts' : share(rate, 1)));
  const line = { name: 'read from a cache', colour: '--paid', fill: '--paid-fill',
    values: rates, texts };
  const describe = `Hit rate over time, at the end ${texts.at(-1)}.`;
  hits({ times: list.map(({ at }) => at), lines: [line], isHourly, describe });
}

function fillTable() {
  const { list, isHourly } = latest;
  const body = list.filter(({ sums }) => sums).reverse().map(({ at, sums }) => {
    const text = new Date(at * 1000).toISOString();
    return row(isHourly ? text.slice(0, 16).replace('T', ' ') : text.slice(0, 10),
      number(sums.requests.toLocaleString('en-US')),
      number(dollars(picodollars(sums.actual_usd)), sums.actual_usd),
      number(dollars(picodollars(sums.uncached_usd)), sums.uncached_usd),
      number(dollars(picodollars(sums.client_only_usd)), sums.client_only_usd),
      number(dollars(picodollars(sums.saved_usd)), sums.saved_usd),
      number(share(sums.tokens.cache_read, promptTokens(sums.tokens))));
  });
  byId('days-table').replaceChildren(
    headings(isHourly ? 'Hour (UTC)' : 'Day (UTC)', 'Requests', 'Paid',
      'Without caching', 'Own caching', 'Saved', 'Hit rate'),
    element('tbody', {}, ...body));
}

export function prepareOverTime() {
  costs = makeChart(byId('cost-chart'), { height: 300, amount: axisDollars });
  hits = makeChart(byId('hit-chart'),
    { height: 150, most: 1, amount: (value) => `${Math.round(value * 100)} %` });
  for (const choice of document.querySelectorAll('input[name="sums"]')) {
    choice.addEventListener('change', () => latest && drawCosts());
  }
}

function axisDollars(value) {
  const size = Math.abs(value);
  const digits = size >= 10 || size === 0 ? 0 : size >= 0.1 ? 2 : 4;
  const text = value.toLocaleString('en-US',
    { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `$${text}`;
}

/** The scenario that is not in the ledger: a day's share of the cheapest fine-tune's month. */
export function showFinetune(newAdvice) {
  advice = newAdvice;
  if (latest) drawCosts();
}

export function showOverTime(savings, isHourly) {
  latest = { list: points(savings, isHourly), isHourly };
  setText('sums-each', isHourly ? 'each hour' : 'each day');
  drawCosts();
  drawHits();
  fillTable();
}
