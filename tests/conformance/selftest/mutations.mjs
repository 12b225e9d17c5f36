// The sins, one each, and which cases must notice it: `cases` is tried against `CLIENT: CASE`.
import { gunzipSync, inflateSync } from 'node:zlib';

const headers = (change) => (head) => ({ ...head, headers: change(head.headers) });
const without = (pattern) => headers((all) => all.filter(([name]) => !pattern.test(name)));
const onceEach = headers((all) => {
  const seen = new Set();
  return all.filter(([given]) => {
    const name = given.toLowerCase();
    return !seen.has(name) && seen.add(name);
  });
});
const lowerCase = headers((all) => all.map(([name, value]) => [name.toLowerCase(), value]));
const sorted = headers((all) => [...all].sort(([one], [two]) => (one < two ? -1 : 1)));
const isStream = ({ headers: all }) => all.some(([, value]) => /event-stream/.test(`${value}`));
const line = (pattern, to) => (head) => ({ ...head, line: head.line.replace(pattern, to) });

const json = (change) => (bytes) => {
  try {
    return Buffer.from(JSON.stringify(change(JSON.parse(bytes.toString()))));
  } catch {
    return bytes;
  }
};
const byKey = (value) => {
  if (Array.isArray(value)) return value.map(byKey);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, byKey(value[key])]),
  );
};
const pieces = (size) => (bytes) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
const inText = (change) => (bytes) => [Buffer.from(change(bytes.toString('latin1')), 'latin1')];

function unzipped(bytes, head) {
  const coding = head.headers.find(([name]) => /^content-encoding$/i.test(name))?.[1];
  if (!/gzip|deflate/.test(coding ?? '')) return bytes;
  head.headers = head.headers.filter(([name]) => !/^content-encoding$/i.test(name));
  return coding === 'gzip' ? gunzipSync(bytes) : inflateSync(bytes);
}

export const mutations = (upstream) => [
  { name: 'one request header of a repeated name', requestHead: onceEach, cases: /repetition/ },
  {
    name: 'one answer header of a repeated name',
    answerHead: onceEach,
    cases: /repetition|cookies/,
  },
  { name: 'request headers in lower case', requestHead: lowerCase, cases: /repetition/ },
  { name: 'answer headers in lower case', answerHead: lowerCase, cases: /repetition/ },
  { name: 'request headers sorted', requestHead: sorted, cases: /a question$/ },
  { name: 'answer headers sorted', answerHead: sorted, cases: /repetition/ },
  {
    name: 'an unknown request header is lost',
    requestHead: without(/^x-custom$/i),
    cases: /its own/,
  },
  { name: 'a request id is lost', answerHead: without(/request-id$/i), cases: /status 429$/ },
  { name: 'x-should-retry is lost', answerHead: without(/^x-should-retry$/i), cases: /retries:/ },
  { name: 'retry-after-ms is lost', answerHead: without(/^retry-after/i), cases: /retries:/ },
  { name: 'another reason', answerHead: line(/ (\w+) .*$/, ' $1 OK'), cases: /several words/ },
  { name: '529 becomes 500', answerHead: line(' 529 ', ' 500 '), cases: /status 529/ },
  {
    name: 'percent-encoded paths are decoded',
    requestHead: line(/%2F|%20/gi, (code) => (code === '%20' ? '+' : '/')),
    cases: /target|escapes/,
  },
  { name: 'slashes are merged', requestHead: line(/\/\/+/g, '/'), cases: /target/ },
  { name: 'an empty query is lost', requestHead: line('? ', ' '), cases: /target/ },
  { name: 'the request is written anew', requestBody: json((value) => value), cases: /pretty/ },
  { name: 'keys of the request are sorted', requestBody: json(byKey), cases: /a question$/ },
  {
    name: 'the request is read whole before it is sent',
    requestBody: (all) => all,
    cases: /upload/,
  },
  { name: 'keys of the answer are sorted', answerBody: json(byKey), cases: /status 4|raw/ },
  { name: 'answers are unzipped', answerBody: unzipped, cases: /keeps its bytes/ },
  {
    name: 'streams are held to their end',
    answerBody: (all) => all,
    gathers: isStream,
    cases: /: stream: each event before the next one/,
  },
  { name: 'chunks are cut', piece: pieces(10), cases: /chunks stay/ },
  { name: 'comments are lost', piece: inText((t) => t.replace(/^: .*$/m, '')), cases: /of line/ },
  { name: 'CRLF becomes LF', piece: inText((t) => t.replaceAll('\r\n', '\n')), cases: /of line/ },
  {
    name: 'error events are swallowed',
    piece: inText((t) => (/"(Overloaded|error)"/.test(t) ? ':' : t)),
    cases: /an error event/,
  },
  {
    name: '[DONE] is lost',
    piece: inText((t) => t.replace('data: [DONE]', '')),
    cases: /of line/,
  },
  { name: 'a cut answer ends properly', endsCleanly: true, cases: /cut inside|between two events/ },
  { name: 'aborts are swallowed', keepsUpstream: true, cases: /abort|RST|FIN|break out/ },
  { name: 'a request is sent again', resends: upstream, cases: /before it answers|tries again/ },
  {
    name: 'idle connections close unannounced',
    closesAfterAnswer: true,
    cases: /^raw: (204|206|five)/,
  },
  { name: '100 Continue comes late', delay: 12_000, cases: /Expect/ },
  {
    name: 'a 1xx is lost',
    answerHead: (head) =>
      / 10[23] /.test(head.line) ? { ...head, line: 'HTTP/1.1 100 Continue', headers: [] } : head,
    cases: /10[23]/,
  },
  {
    name: 'a 204 has a body',
    answerHead: (head) =>
      / 204 /.test(head.line)
        ? { ...head, headers: [...head.headers, ['content-length', 1]] }
        : head,
    cases: /: 204/,
  },
  { name: 'a length for HEAD is lost', answerHead: without(/^content-length$/i), cases: /: HEAD$/ },
];
