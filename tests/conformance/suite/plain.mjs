// What a client library gave, as plain data that can be compared: errors by their class, status,
// message and ids, without stacks, sockets and whatever else differs from run to run.

// Differ from run to run wherever they stand; heads are compared by themselves.
const volatile = new Set(['sdkHttpResponse', 'timestamp']);
// Of errors: what was asked, and the sockets and heads of the answer.
const volatileInErrors = new Set([
  'cause',
  'config',
  'errors',
  'headers',
  'pregelTaskId',
  'request',
  'requestBodyValues',
  'response',
  'responseHeaders',
  'stack',
  'url',
]);
// Ids that LangChain makes up where a provider sends none.
const madeUp =
  /lc-tool-call-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const maxDepth = 12;

/** `key` and `url` are written as KEY and URL: they differ between the runs of a case. */
export function plain(value, { key, url }) {
  const seen = new Set();
  const { port } = new URL(url);
  const text = (given) =>
    given
      .replaceAll(key, 'KEY')
      .replaceAll(url, 'URL')
      .replaceAll(`:${port}`, ':PORT')
      .replace(madeUp, 'ID');

  const walk = (given, depth) => {
    if (typeof given === 'string') return text(given);
    if (typeof given === 'bigint') return `${given}n`;
    if (typeof given === 'function' || typeof given === 'symbol') return undefined;
    if (given === null || typeof given !== 'object') return given;
    if (depth > maxDepth || seen.has(given)) return '...';
    seen.add(given);
    try {
      if (given instanceof Uint8Array) return text(Buffer.from(given).toString('latin1'));
      if (given instanceof Error) return error(given, depth);
      if (Array.isArray(given)) return given.map((item) => walk(item, depth + 1));
      if (given instanceof Map) return walk([...given], depth);
      if (typeof given.toJSON === 'function') return walk(given.toJSON(), depth + 1);
      return object(given, depth);
    } finally {
      seen.delete(given);
    }
  };
  const object = (given, depth) => {
    const left = given instanceof Error ? volatileInErrors : volatile;
    const out = {};
    for (const name of Object.keys(given).sort()) {
      if (!left.has(name) && !name.startsWith('_')) out[name] = walk(given[name], depth + 1);
    }
    return out;
  };
  const error = (given, depth) => ({
    class: given.constructor.name,
    message: text(String(given.message)),
    // The ids by which support finds a request.
    id: given.request_id ?? given.requestID,
    ...object(given, depth),
  });
  return walk(value, 0);
}
