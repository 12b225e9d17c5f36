// Numbers as people read them. Money comes as decimal text and is computed with as whole
// picodollars; it becomes a float only to be drawn.

const PICODOLLARS = 1_000_000_000_000n;
const DECIMALS = 12;

/** '-0.0860' as -86000000000n. */
export function picodollars(usd) {
  const negative = usd.startsWith('-');
  const [whole, part = ''] = usd.replace('-', '').split('.');
  const amount = BigInt(whole) * PICODOLLARS + BigInt(part.padEnd(DECIMALS, '0'));
  return negative ? -amount : amount;
}

/** For the length of a bar or the height of a line, and nothing else. */
export const toDraw = (amount) => Number(amount) / 1e12;

const magnitude = (amount) => (amount < 0n ? -amount : amount);

function decimalsFor(size) {
  if (size === 0n || size >= PICODOLLARS) return 2;
  return size >= PICODOLLARS / 100n ? 4 : 6;
}

/** '$1,234.56' of picodollars, rounded half up; small amounts get more decimals. */
export function dollars(amount) {
  const size = magnitude(amount);
  const decimals = decimalsFor(size);
  const unit = 10n ** BigInt(DECIMALS - decimals);
  const rounded = (size + unit / 2n) / unit;
  const scale = 10n ** BigInt(decimals);
  const whole = (rounded / scale).toLocaleString('en-US');
  const part = (rounded % scale).toString().padStart(decimals, '0');
  return `${amount < 0n && rounded > 0n ? '\u2212' : ''}$${whole}.${part}`;
}

/** The same of the API's text. */
export const usd = (text) => dollars(picodollars(text));

export const count = (number) => number.toLocaleString('en-US');

export function short(number) {
  const units = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];
  for (const [size, name] of units) {
    if (number >= size) return `${(number / size).toPrecision(3)} ${name}`;
  }
  return String(number);
}

export function share(part, whole) {
  if (Number(whole) === 0) return '–';
  const percent = (Number(part) / Number(whole)) * 100;
  return `${percent.toFixed(Math.abs(percent) >= 10 || percent === 0 ? 0 : 1)}\u00a0%`;
}

export function milliseconds(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(1)} ms`;
}

/** '2026-11-23 20:15:00' of an RFC 3339 time. */
export const moment = (time) => time.slice(0, 19).replace('T', ' ');

/** Four figures at most: '0.570312' as '0.5703'. */
export const figures = (text) => String(Number(Number(text).toPrecision(4)));

/** 'in 4 min', '3 h ago'. */
export function distance(time, now) {
  const seconds = Math.round((Date.parse(time) - Date.parse(now)) / 1000);
  const size = Math.abs(seconds);
  const [value, unit] = size < 90 ? [size, 's']
    : size < 5400 ? [Math.round(size / 60), 'min'] : [Math.round(size / 3600), 'h'];
  return seconds >= 0 ? `in ${value} ${unit}` : `${value} ${unit} ago`;
}

export const minute = (time) => moment(time).slice(0, 16);

/** What the API leaves empty. */
export const orNone = (text) => text ?? '–';

/** 'cache_write_5m' as 'cache write, 5 min'. */
export function tokenClass(name) {
  const names = {
    input: 'plain input',
    cache_read: 'cache read',
    cache_write_5m: 'cache write, 5 min',
    cache_write_1h: 'cache write, 1 h',
    cache_write_30m: 'cache write, 30 min',
    cache_write_12h: 'cache write, 12 h',
    output: 'output',
  };
  return names[name] ?? name;
}

export const promptTokens = (tokens) =>
  Object.entries(tokens).reduce((sum, [name, n]) => sum + (name === 'output' ? 0 : n), 0);
