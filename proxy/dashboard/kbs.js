// Knowledge bases: layers, what they cost with each model, and where they are warm.
import { getText } from './api.js';
import { byId, element, headings, number, row } from './dom.js';
import { count, distance, minute, share, short, usd } from './text.js';

function layersOf(kb) {
  const whole = kb.layers.reduce((sum, { text_bytes: bytes }) => sum + bytes, 0);
  const parts = kb.layers.map((layer, index) => {
    const part = element('span', { class: `layer layer-${index + 1}` }, String(index + 1));
    part.style.flexGrow = Math.max(layer.text_bytes, whole / 25);
    return part;
  });
  const told = kb.layers.map((layer, index) =>
    `layer ${index + 1}: ${short(layer.text_bytes)}B, ${share(layer.text_bytes, whole)}`);
  return [element('div', { class: 'layers', 'aria-hidden': 'true' }, ...parts),
    element('p', { class: 'small' }, told.join('; '))];
}

/** Several knowledge bases in one prompt have one name in the ledger: a+b. */
const belongsTo = (name) => ({ kb }) => kb.split('+').includes(name);

function warmthLine(entry, kb, now) {
  const stale = entry.kb === kb.name && entry.kb_version !== kb.version;
  const state = stale ? 'old version' : entry.warm ? 'warm' : 'cold';
  const until = stale ? `used ${distance(entry.last_used, now)}`
    : entry.warm
      ? `until ${minute(entry.warm_until).slice(11)}${entry.promised ? '' : ', usually'}`
      : `since ${minute(entry.warm_until).slice(11)}`;
  const where = entry.kb === kb.name ? '' : ` as ${entry.kb}`;
  return element('li', {},
    element('span', { class: `state ${state.replace(' ', '-')}` }, state),
    element('span', {}, `${entry.model} at ${entry.upstream}${where}, ${until}`));
}

function costsTable(details) {
  const lines = details.models.map((model) => row(model.model,
    number(count(model.tokens_estimate)),
    number(usd(model.cold_usd), model.cold_usd),
    number(usd(model.warm_usd), model.warm_usd)));
  return element('table', {}, headings('One request', 'Tokens, about', 'Cold', 'Warm'),
    element('tbody', {}, ...lines));
}

function documentsTable(details) {
  const lines = details.document_list.slice(0, 100)
    .map((document) => row(document.path, number(`${short(document.bytes)}B`)));
  const more = details.document_list.length - lines.length;
  return element('div', { class: 'scroll long' },
    element('table', {}, headings('Document', 'Size'), element('tbody', {}, ...lines)),
    more > 0 && element('p', { class: 'small' }, `and ${count(more)} more`));
}

function detailsOf(kb) {
  const place = element('div', {}, 'Loading');
  const made = element('details', {}, element('summary', {}, 'What it costs, and its documents'),
    place);
  made.addEventListener('toggle', async () => {
    if (!made.open) return;
    try {
      const details = JSON.parse(await getText(`/api/kbs/${encodeURIComponent(kb.name)}`));
      place.replaceChildren(costsTable(details), documentsTable(details));
    } catch (error) {
      place.textContent = error.message;
    }
  });
  return made;
}

function card(kb, warmth, now) {
  const uses = warmth.filter(belongsTo(kb.name));
  const list = uses.length > 0
    ? element('ul', { class: 'warmth' }, ...uses.map((entry) => warmthLine(entry, kb, now)))
    : element('p', { class: 'small' }, 'Cold: no prompt with it in the last 12 hours');
  return element('article', { class: 'card', 'data-name': kb.name },
    element('h3', {}, kb.name),
    element('p', { class: 'small' },
      `${count(kb.documents)} documents, ${short(kb.text_bytes)}B of text, version ` +
        `${kb.version.slice(0, 12)}, published ${minute(kb.published)}`),
    ...layersOf(kb), list, detailsOf(kb));
}

/** Cards that somebody has open stay open. */
export function showKbs({ kbs }, { warmth, now }) {
  const place = byId('kb-list');
  const open = new Set([...place.querySelectorAll('details[open]')]
    .map((details) => details.closest('[data-name]').dataset.name));
  const cards = kbs.map((kb) => card(kb, warmth, now));
  place.replaceChildren(...(cards.length > 0 ? cards
    : [element('p', {}, 'None is loaded: ', element('code', {}, 'foreword kb load NAME FOLDER'))]));
  for (const made of cards) {
    if (open.has(made.dataset.name)) made.querySelector('details').open = true;
  }
}
