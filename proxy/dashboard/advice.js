// Fine-tune or not: the verdict, its bills, and sliders for what is assumed. All of it is computed
// by the proxy; the sliders only ask again.
import { ApiError, getText } from './api.js';
import { byId, element, headings, number, row, setHidden, setText } from './dom.js';
import { settled } from './live.js';
import { count, figures, short, usd } from './text.js';

const ESTIMATES = ['low', 'typical', 'high'];
const KINDS = [
  ['self_hosted', 'On rented GPUs'],
  ['managed', 'By a provider, per token'],
  ['dedicated', 'By a provider, dedicated machines'],
];
const FIRST = ['gpu_usd_per_hour', 'gpu_output_tokens_per_second', 'engineer_usd_per_hour',
  'trainings_per_year', 'managed_output_usd_per_mtok'];
const STEPS = 200;

/** What was moved, by key. */
const moved = new Map();
let period = '';
let ask = () => {};
let shown = null;

function fillBills(advice) {
  const line = (name, texts) => row(name, ...texts.map((text) =>
    number(text === null ? '' : usd(text), text)));
  const bills = KINDS.map(([kind, name]) =>
    line(name, ESTIMATES.map((estimate) => advice.finetune[kind][estimate].total_usd)));
  const own = line('This traffic as it is', [null, advice.month.actual_usd, null]);
  own.classList.add('own');
  byId('bills').replaceChildren(headings('USD a month', 'Low', 'Typical', 'High'),
    element('tbody', {}, own,
      line('The same without caching', [null, advice.month.uncached_usd, null]), ...bills));
}

function fillBreakEven(advice) {
  const lines = advice.models.slice(0, 6).map((model) => {
    const of = model.break_even_output_tokens.self_hosted;
    const managed = model.break_even_output_tokens.managed;
    const text = (tokens) => (tokens === null ? 'never' : short(tokens));
    return row(model.model, number(short(model.month_output_tokens)),
      number(text(of.typical)), number(text(managed.typical)));
  });
  byId('break-even').replaceChildren(
    headings('Model', 'Now', 'Rented GPUs', 'Per token'), element('tbody', {}, ...lines));
}

function fillCases(advice) {
  byId('cases').replaceChildren(...advice.cases.map((entry) => element('li', {},
    element('strong', {}, entry.case), ` \u2014 ${entry.finding}: ${entry.evidence}.`)));
}

export function showAdvice(advice) {
  setText('verdict', advice.sentence);
  byId('verdict').dataset.verdict = advice.verdict;
  const left = advice.left_out_unpriced > 0
    ? ` ${count(advice.left_out_unpriced)} requests without a price are left out.` : '';
  setText('verdict-note', `From ${count(advice.requests)} requests, brought to a month of 730 ` +
    `hours.${left} ${advice.scaling ?? ''}`);
  fillBills(advice);
  fillBreakEven(advice);
  fillCases(advice);
  makeSliders(advice);
  setHidden('reset', moved.size === 0);
}

/**
 * A slider goes from half of the lowest estimate to twice the highest, in steps of equal ratio, or
 * of equal size where it begins at nothing. Its positions are no money: the proxy gets text.
 */
function scaleOf(assumption) {
  const estimates = ESTIMATES.map((estimate) => Number(assumption[estimate]));
  const least = Math.max(Number(assumption.least), Math.min(...estimates) / 2);
  const most = Math.min(Number(assumption.most), Math.max(...estimates, 1) * 2);
  const isRatio = least > 0;
  const at = (step) => (isRatio ? least * (most / least) ** (step / STEPS)
    : least + ((most - least) * step) / STEPS);
  const stepOf = (value) => Math.round(STEPS * (isRatio
    ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least)));
  const decimals = most >= 100 ? 0 : most >= 10 ? 1 : 3;
  const text = (step) => {
    const value = Math.min(most, Math.max(least, at(step)));
    return String(Number(value.toFixed(decimals)));
  };
  return { text, stepOf: (value) => Math.max(0, Math.min(STEPS, stepOf(Number(value)))) };
}

function estimatesText(assumption) {
  const values = ESTIMATES.map((estimate) => figures(assumption[estimate]));
  return new Set(values).size === 1 ? values[0] : values.join(' / ');
}

function slider(assumption) {
  const scale = scaleOf(assumption);
  const id = `assume-${assumption.key}`;
  const own = estimatesText(assumption);
  const output = element('output', { for: id }, own);
  const input = element('input', {
    id, type: 'range', min: '0', max: String(STEPS), step: '1',
    'aria-describedby': `${id}-source`,
  });
  const rest = () => {
    input.value = String(scale.stepOf(assumption.typical));
    output.textContent = own;
    input.setAttribute('aria-valuetext', `low, typical, high: ${own}`);
  };
  rest();
  input.addEventListener('input', () => {
    const text = scale.text(Number(input.value));
    output.textContent = text;
    input.setAttribute('aria-valuetext', text);
    moved.set(assumption.key, text);
    ask();
  });
  const made = element('div', { class: 'slider' },
    element('label', { for: id }, assumption.what), output, input,
    element('p', { class: 'small', id: `${id}-source` }, `Source: ${assumption.source}`));
  return { made, rest };
}

/** Once: later answers move no slider under somebody's hand. */
function makeSliders(advice) {
  if (shown || advice.assumptions.length === 0) return;
  shown = new Map(advice.assumptions.map((one) => [one.key, slider(one)]));
  const rest = [...shown].filter(([key]) => !FIRST.includes(key)).map(([, { made }]) => made);
  byId('sliders').replaceChildren(...FIRST.map((key) => shown.get(key).made),
    element('details', {}, element('summary', {}, `${rest.length} more assumptions`), ...rest));
}

export function advicePath(from) {
  period = from;
  const parts = [...moved].map(([key, text]) => `${key}=${encodeURIComponent(text)}`);
  const query = [from, ...parts].filter((part) => part !== '').join('&');
  return `/api/advice${query === '' ? '' : `?${query}`}`;
}

/** The latest question's answer is the one that is shown, in whatever order they come. */
export function prepareAdvice(show) {
  let latest = 0;
  const askNow = async () => {
    const number = ++latest;
    byId('advice').setAttribute('aria-busy', 'true');
    try {
      const text = await getText(advicePath(period));
      if (number === latest) show(JSON.parse(text));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (number === latest) setText('verdict', error.message);
    } finally {
      byId('advice').removeAttribute('aria-busy');
    }
  };
  ask = settled(120, askNow);
  byId('reset').addEventListener('click', () => {
    moved.clear();
    for (const { rest } of shown.values()) rest();
    askNow();
  });
}
