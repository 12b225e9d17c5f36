// What has to be equal between a run that went directly to the upstream and one through a proxy,
// and what may differ: hop-by-hop fields, Host, and the edits that Foreword documents.
import { isDeepStrictEqual } from 'node:util';

import { findInsertions, without } from '../../sdk/support/insertions.mjs';
import { valuesOf } from '../wire/message_reader.mjs';

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'expect',
  'upgrade',
]);
// The body is compared itself; a chunked one may be given a length.
const aboutTheBody = new Set(['content-length']);

/** A list of sentences, empty where nothing differs. `mode` is that of the proxy. */
export function differences(direct, proxied, { mode, unordered, bodyMayDiffer }) {
  const found = [];
  comparable(direct.observed, proxied.observed, 'the client saw', found);
  const [one, two] = [direct, proxied].map((run) => sorted(run.requests, unordered));
  if (one.length !== two.length) {
    found.push(`the upstream got ${two.length} requests, directly ${one.length}`);
  } else {
    one.forEach((request, i) => {
      const where = one.length > 1 ? `request ${i + 1}` : 'the request';
      const keys = [direct.key, proxied.key];
      compareRequests(request, two[i], { where, mode, keys, bodyMayDiffer }, found);
    });
  }
  compareHeads(direct, proxied, unordered, found);
  return found;
}

function comparable(one, two, what, found) {
  if (isDeepStrictEqual(one, two)) return;
  found.push(`${what} something else: ${firstDifference(one, two)}`);
}

function firstDifference(one, two, path = '') {
  const bothObjects = [one, two].every((value) => value !== null && typeof value === 'object');
  if (!bothObjects || Array.isArray(one) !== Array.isArray(two)) {
    return `${path || 'it'}: directly ${brief(one)}, here ${brief(two)}`;
  }
  for (const name of new Set([...Object.keys(one), ...Object.keys(two)])) {
    if (!isDeepStrictEqual(one[name], two[name])) {
      return firstDifference(one[name], two[name], `${path}.${name}`);
    }
  }
  return `${path}: of another kind`;
}

const brief = (value) => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 300 ? `${text.slice(0, 300)}... (${text.length} characters)` : text;
};

function sorted(requests, unordered) {
  if (!unordered) return requests;
  return [...requests].sort((a, b) => Buffer.compare(a.body, b.body));
}

const isPrompt = ({ method, target }) =>
  method === 'POST' &&
  /^(\/v1\/(messages|chat\/completions|responses)|.*:(streamG|g)enerateContent)(\?|$)/.test(target);

function compareRequests(direct, proxied, { where, mode, keys, bodyMayDiffer }, found) {
  for (const part of ['method', 'target']) {
    const expected = direct[part].replaceAll(keys[0], keys[1]);
    if (expected !== proxied[part]) {
      found.push(`${where}: ${part} is ${proxied[part]}, directly ${expected}`);
    }
  }
  const addsUsage = mode === 'optimize' && asksForNoUsage(direct);
  const edits = { metered: mode !== 'off' && isPrompt(direct), addsUsage };
  comparable(
    endToEnd(direct.headers, { key: keys[0], ...edits }),
    endToEnd(proxied.headers, { key: keys[1] }),
    `${where}: the upstream got headers:`,
    found,
  );
  if (bodyMayDiffer) return;
  const [one, two] = [normalBody(direct, keys[0]), normalBody(proxied, keys[1])];
  const same = one.equals(two) || (mode === 'optimize' && onlyDocumentedAdded(one, two, addsUsage));
  if (!same) found.push(`${where}: the body differs: ${firstByte(one, two)}`);
}

/** Foreword asks for a chat stream's usage where the client did not, and takes it out again. */
function asksForNoUsage({ target, body }) {
  if (!/\/chat\/completions(\?|$)/.test(target)) return false;
  const text = body.toString();
  return /"stream":\s*true/.test(text) && !/"include_usage":\s*true/.test(text);
}

// What a prompt that is long enough to be cached may get: breakpoints, the list of one block that a
// text becomes to carry one, and OpenAI's option that nothing else is written.
const breakpoints = [
  /,"cache_control":\{"type":"ephemeral"(,"ttl":"1h")?\}/g,
  /,"prompt_cache_breakpoint":\{"mode":"explicit"(,"ttl":"(30m|12h)")?\}/g,
  /"prompt_cache_options":\{"mode":"explicit"\},?/g,
  /\[\{"role":"user","content":/g,
  /\[\{"type":"(input_)?text","text":/g,
  /\}\]/g,
];
const usage = [/,?"stream_options":\{"include_usage":true\},?/g, /,?"include_usage":true,?/g];
const mostInsertions = 6;
const cacheableBytes = 2048;

/** Nothing is missing, and what came in is made of those forms alone, wherever it begins. */
function onlyDocumentedAdded(one, two, addsUsage) {
  const ranges = findInsertions(one, two, mostInsertions);
  if (!ranges?.length || !without(two, ranges).equals(one)) return false;
  const forms = [
    ...(one.length >= cacheableBytes ? breakpoints : []),
    ...(addsUsage ? usage : []),
  ];
  const stripped = (body) =>
    forms.reduce((rest, form) => rest.replace(form, ''), body.toString('latin1'));
  return stripped(one) === stripped(two);
}

function firstByte(one, two) {
  let at = 0;
  while (at < Math.min(one.length, two.length) && one[at] === two[at]) at += 1;
  const around = (bytes) => JSON.stringify(bytes.subarray(at, at + 60).toString('latin1'));
  const lengths = `${two.length} bytes, directly ${one.length}`;
  return `${lengths}; at ${at}: ${around(two)}, directly ${around(one)}`;
}

function normalBody({ headers, body }, key) {
  const boundary = /boundary="?([^";]+)/.exec(valuesOf(headers, 'content-type')[0] ?? '')?.[1];
  let text = body;
  for (const [mark, name] of [
    [key, 'KEY'],
    [boundary, 'BOUNDARY'],
  ]) {
    if (mark && text.includes(mark)) {
      text = Buffer.from(text.toString('latin1').replaceAll(mark, name), 'latin1');
    }
  }
  return text;
}

/** Header pairs as they came, without what belongs to one connection. */
function endToEnd(headers, { key, metered, addsUsage }) {
  const named = valuesOf(headers, 'connection')
    .join()
    .toLowerCase()
    .split(/\s*,\s*/);
  return headers
    .filter(([given]) => {
      const name = given.toLowerCase();
      if (name.startsWith('x-foreword-') || name === 'host') return false;
      return !hopByHop.has(name) && !aboutTheBody.has(name) && !named.includes(name);
    })
    .map(([name, value]) => {
      let text = value.replaceAll(key, 'KEY').replace(/(boundary="?)[^";]+/, '$1BOUNDARY');
      // A proxy that reads usage out of answers asks for codings that it can read.
      if (name.toLowerCase() === 'accept-encoding') {
        if (addsUsage) text = 'identity';
        else if (metered) text = readable(text);
      }
      return [name, text];
    });
}

const readable = (codings) =>
  codings
    .split(/\s*,\s*/)
    .filter((coding) => /^(gzip|deflate|identity)\b/i.test(coding))
    .join(', ') || 'identity';

const addedToAnswers = new Set(['x-foreword-request', 'date']);

function compareHeads(direct, proxied, unordered, found) {
  const heads = (run) => {
    const list = run.answers.map(({ status, headers }) => ({
      status,
      headers: headers
        .filter(([given]) => {
          const name = given.toLowerCase();
          return !hopByHop.has(name) && !addedToAnswers.has(name);
        })
        .map(([name, value]) => [
          name,
          value.replaceAll(run.key, 'KEY').replaceAll(run.url, 'URL'),
        ]),
    }));
    return unordered ? list.map((head) => JSON.stringify(head)).sort() : list;
  };
  comparable(heads(direct), heads(proxied), 'the client got heads:', found);
}
