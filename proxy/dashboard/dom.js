// The few things that every part of the page does to the document.

export const byId = (id) => document.getElementById(id);

/** element('td', { class: 'number', title: exact }, 'text', child); false and null are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== false));
  return made;
}

/** Writes only what is new: a reader of the screen is told of changes, not of repetitions. */
export function setText(id, text) {
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}

export function setHidden(id, hidden) {
  byId(id).hidden = hidden;
}

/** A bar as long as its share of the longest; none where it is nothing. */
export function bar(share, kind = '') {
  const made = element('span',
    { class: `bar ${kind}`, 'aria-hidden': 'true', hidden: share <= 0 });
  made.style.inlineSize = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return made;
}

export function row(header, ...cells) {
  return element('tr', {}, element('th', { scope: 'row' }, header), ...cells);
}

export function number(text, exact) {
  return element('td', { class: 'number', title: exact }, text);
}

export function headings(...texts) {
  const cells = texts.map((text, index) =>
    element('th', { scope: 'col', class: index > 0 && 'number' }, text));
  return element('thead', {}, element('tr', {}, ...cells));
}
