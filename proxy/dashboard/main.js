// The dashboard: what is asked when, and what is shown of it.
import { advicePath, prepareAdvice, showAdvice } from './advice.js';
import { showIfNew } from './api.js';
import { byId, setHidden, setText } from './dom.js';
import { showKbs } from './kbs.js';
import { every } from './live.js';
import { showLosses } from './losses.js';
import { prepareOverTime, showFinetune, showOverTime } from './over_time.js';
import { prepareRequests, requestsPath, showRequests } from './requests.js';
import { showFinetuneTile, showSavings } from './savings.js';
import { showClasses, showGroups } from './spending.js';

const DAY_MS = 24 * 3600 * 1000;
/** Sums are cheap to ask for; what reads rows is asked for less often. */
const SUMS_S = 4;
const ROWS_MS = 60_000;
const WARMTH_MS = 20_000;

const chosenDays = () => Number(document.querySelector('input[name="period"]:checked').value);

/** From the begin of a day, so that the question stays the same until midnight. */
function since(days) {
  if (days === 0) return '';
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return `from=${new Date(today - (days - 1) * DAY_MS).toISOString().slice(0, 10)}`;
}

function monthBegin() {
  return `${new Date().toISOString().slice(0, 8)}01`;
}

const savingsPath = (...parts) => {
  const query = parts.filter((part) => part !== '').join('&');
  return `/api/savings${query === '' ? '' : `?${query}`}`;
};

const withRange = (path, from) => (from === '' ? path : `${path}?${from}`);

let heavyAt = 0;
let heavyDue = false;
let warmthAt = 0;
let heavyFor = null;

function totals() {
  return showIfNew('totals', [savingsPath(), savingsPath(`from=${monthBegin()}`)], showSavings);
}

/** The first to be seen, and the only question that is asked every few seconds. */
async function sums(from, days) {
  const groups = ['model', 'kb', 'label'].map((by) =>
    showIfNew(by, [savingsPath(`by=${by}`, from)], (savings) => showGroups(`by-${by}`, {
      model: 'Model', kb: 'Knowledge base', label: 'Label' }[by], savings)));
  const isHourly = days === 7;
  const series = savingsPath(`by=${isHourly ? 'hour' : 'day'}`, from);
  const overTime = showIfNew('over time', [series],
    (savings) => showOverTime(savings, isHourly));
  await Promise.all([...groups, overTime, showIfNew('requests', [requestsPath()], showRequests)]);
}

function showAllAdvice(advice) {
  showAdvice(advice);
  showFinetuneTile(advice);
  showFinetune(advice);
}

async function rows(from) {
  await Promise.all([
    showIfNew('advice', [advicePath(from)], showAllAdvice),
    showIfNew('classes', [withRange('/api/spending', from)], showClasses),
    showIfNew('misses', [withRange('/api/misses', from)], showLosses),
  ]);
}

async function lookAgain() {
  const days = chosenDays();
  const from = since(days);
  const isNew = await totals();
  const otherPeriod = heavyFor !== from;
  if (isNew || otherPeriod) await sums(from, days);
  const now = Date.now();
  heavyDue ||= isNew;
  if (otherPeriod || (heavyDue && now - heavyAt > ROWS_MS)) {
    await rows(from);
    heavyAt = now;
    heavyDue = false;
    heavyFor = from;
  }
  if (now - warmthAt > WARMTH_MS) {
    await showIfNew('kbs', ['/api/kbs', '/api/warmth'], showKbs);
    warmthAt = now;
  }
}

let paused = false;

async function turn() {
  if (paused) return;
  try {
    await lookAgain();
    setHidden('trouble', true);
    setText('freshness', 'Live');
    setText('updated', `${new Date().toISOString().slice(11, 19)} UTC`);
    document.body.dataset.ready = 'true';
  } catch (error) {
    setText('trouble', `${error.message}. Trying again.`);
    setHidden('trouble', false);
    setText('freshness', 'Not up to date');
  }
}

function prepare() {
  prepareOverTime();
  prepareAdvice(showAllAdvice);
  const again = every(SUMS_S, turn);
  prepareRequests(() => showIfNew('requests', [requestsPath()], showRequests));
  for (const choice of document.querySelectorAll('input[name="period"]')) {
    choice.addEventListener('change', again);
  }
  byId('pause').addEventListener('click', (event) => {
    paused = !paused;
    event.currentTarget.setAttribute('aria-pressed', String(paused));
    event.currentTarget.textContent = paused ? 'Resume' : 'Pause';
    if (paused) setText('freshness', 'Paused');
    again();
  });
  again();
}

prepare();
