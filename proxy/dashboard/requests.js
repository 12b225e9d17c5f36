// The latest requests, and all that the ledger has of one, with its story.
import { getText } from './api.js';
import { byId, element, number } from './dom.js';
import { story } from './explanation.js';
import { count, milliseconds, moment, orNone, picodollars, promptTokens, share, short, tokenClass,
  usd } from './text.js';

const PAGE = 25;
let oldest = null;
let pages = 1;
const drawn = new Map();

function money(entry, text) {
  return entry.priced ? number(usd(text), text) : number('no price');
}

function trouble(entry) {
  if (entry.outcome === 'complete') return null;
  const words = { provisional: 'running', client_gone: 'client left', upstream_cut: 'cut off',
    failed: 'failed', provider_error: 'provider error' };
  return element('span', { class: 'flag' }, words[entry.outcome] ?? entry.outcome);
}

function wide(cell) {
  cell.classList.add('wide');
  return cell;
}

function line(entry) {
  const prompt = promptTokens(entry.tokens);
  const open = element('button', { type: 'button', class: 'link' },
    element('span', { class: 'year' }, moment(entry.time).slice(0, 5)),
    moment(entry.time).slice(5));
  open.addEventListener('click', () => showRequest(entry.id));
  const saved = money(entry, entry.saved_usd);
  if (entry.priced && picodollars(entry.saved_usd) < 0n) saved.classList.add('loss');
  return element('tr', {},
    element('th', { scope: 'row' }, open, trouble(entry),
      element('span', { class: 'narrow' }, orNone(entry.model))),
    wide(element('td', {}, orNone(entry.model))),
    wide(element('td', {}, orNone(entry.kb))),
    wide(element('td', {}, orNone(entry.label))),
    wide(number(short(prompt), count(prompt))),
    number(share(entry.tokens.cache_read, prompt)),
    wide(number(short(entry.tokens.output), count(entry.tokens.output))),
    money(entry, entry.cost_usd),
    saved);
}

/** A line that has not changed stays, and with it the focus of the keyboard. */
function lineFor(entry) {
  const text = JSON.stringify(entry);
  const known = drawn.get(entry.id);
  if (known?.text === text) return known.line;
  const made = { text, line: line(entry) };
  drawn.set(entry.id, made);
  return made.line;
}

export const requestsPath = () => `/api/requests?limit=${PAGE * pages}`;

export function showRequests({ requests }) {
  const body = byId('requests-table').tBodies[0];
  const lines = requests.map(lineFor);
  const kept = new Set(lines);
  for (const old of [...body.rows]) if (!kept.has(old)) old.remove();
  for (const [id, { line: known }] of drawn) if (!kept.has(known)) drawn.delete(id);
  lines.forEach((made, index) => {
    if (body.rows[index] !== made) body.insertBefore(made, body.rows[index] ?? null);
  });
  if (lines.length === 0) {
    body.replaceChildren(element('tr', {}, element('td', { colspan: '9' }, 'No request yet')));
  }
  oldest = requests.at(-1)?.id ?? null;
  byId('older').hidden = oldest === null || requests.length < PAGE * pages;
}

function facts(entry) {
  const tokens = Object.entries(entry.tokens).filter(([, n]) => n > 0)
    .map(([name, n]) => [`Tokens: ${tokenClass(name)}`, count(n)]);
  const tokenFacts = tokens.length > 0 ? tokens : [['Tokens', 'none']];
  const yes = (value) => (value ? 'yes' : 'no');
  return [
    ['What it cost', [
      ['Paid', entry.priced ? `$${entry.cost_usd}` : 'no price for this model'],
      ['Without caching', entry.priced ? `$${entry.uncached_usd}` : '–'],
      ['With the client\u2019s own caching', entry.priced ? `$${entry.client_only_usd}` : '–'],
      ['Saved', entry.priced ? `$${entry.saved_usd}` : '–'],
      ['Prices of', orNone(entry.price_version)],
      ...tokenFacts,
      ['Of these, knowledge base (estimate)', count(entry.kb_tokens_estimate)],
      ['Where usage is from', entry.usage_source],
    ]],
    ['What was asked', [
      ['Time', entry.time],
      ['Provider, upstream', `${entry.provider}, ${entry.upstream}`],
      ['Operation', entry.operation],
      ['Model', orNone(entry.model)],
      ['Label', orNone(entry.label)],
      ['Streamed', yes(entry.stream)],
      ['Service tier, speed, region',
        [entry.service_tier, entry.speed, entry.inference_geo].map(orNone).join(', ')],
    ]],
    ['What Foreword did', [
      ['Mode', entry.mode],
      ['Knowledge base', orNone(entry.kb)],
      ['Its version', orNone(entry.kb_version)],
      ['Placement', orNone(entry.placement)],
      ['Refused by the upstream', orNone(entry.refused)],
      ['Cache markers of the client\u2019s', count(entry.client_markers)],
      ['Bytes of the client\u2019s', count(entry.request_bytes)],
      ['Bytes put in', count(entry.inserted_bytes)],
    ]],
    ['How it went', [
      ['Outcome', entry.outcome],
      ['Status', String(entry.status)],
      ['Error of Foreword\u2019s', orNone(entry.error)],
      ['First byte after', milliseconds(entry.first_byte_ms)],
      ['Whole time', milliseconds(entry.duration_ms)],
    ]],
  ];
}

function described([title, pairs]) {
  const list = pairs.flatMap(([name, value]) =>
    [element('dt', {}, name), element('dd', {}, value)]);
  return element('section', {}, element('h3', {}, title), element('dl', { class: 'facts' }, list));
}

export async function showRequest(id) {
  const body = byId('one-request-body');
  byId('one-request-title').textContent = `Request ${id}`;
  try {
    const path = `/api/explanation?id=${encodeURIComponent(id)}`;
    const explanation = JSON.parse(await getText(path));
    const [cost, ...others] = facts(explanation.request);
    const parts = [cost, ...story(explanation, showRequest), ...others];
    body.replaceChildren(...parts.map(described));
  } catch (error) {
    body.replaceChildren(element('p', { role: 'alert' }, error.message));
  }
  if (!byId('one-request').open) byId('one-request').showModal();
}

/** `changed`: more of them are to be shown. */
export function prepareRequests(changed) {
  byId('older').addEventListener('click', () => {
    pages += 1;
    changed();
  });
  byId('find').addEventListener('submit', (event) => {
    event.preventDefault();
    const id = byId('find-id').value.trim();
    if (id) showRequest(id);
  });
}
