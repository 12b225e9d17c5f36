// One case, once, against one target: opens a log at the upstream, lets the client act, and gives
// back what both sides saw.
import { headersSeenBy } from './headers_seen.mjs';
import { withinCase } from './patience.mjs';
import { plain } from './plain.mjs';

let runs = 0;

/**
 * `target` is { name, url } of what the client talks to. Resolves to
 * { observed, requests, answers, key, url }, or rejects where the case finds something wrong.
 */
export async function runCase(testCase, client, { target, upstream, tag }) {
  runs += 1;
  const key = `sk-conf-${String(runs).padStart(6, '0')}-${tag}`;
  const context = new CaseContext({ testCase, client, target, upstream, key });
  const answers = headersSeenBy(key);
  try {
    const [acted, requests] = await withinCase(actAndRecord(testCase, context));
    for (const { failure } of context.log.requests) if (failure) throw failure;
    // Its own words first: what a case says must hold says more than a difference does.
    const observed = plain(acted, { key, url: target.url });
    testCase.check?.(observed, { target, requests, client });
    return { observed, requests, answers: answers.take(), key, url: target.url };
  } catch (error) {
    error.message += context.causes();
    throw error;
  } finally {
    answers.take();
    context.log.close();
    for (const close of context.closers) await close();
  }
}

async function actAndRecord(testCase, context) {
  const acted = await testCase.act(context);
  return [acted, await Promise.all(context.log.requests.map(recorded))];
}

async function recorded(exchange) {
  const { method, target, headers, framing, chunkSizes } = exchange;
  const body = await exchange.body.catch(() => exchange.bodySoFar);
  return { method, target, headers, framing, chunkSizes, body };
}

/** What a case's `act` is given. */
class CaseContext {
  #seen = '';
  #seenWatchers = new Set();

  constructor({ testCase, client, target, upstream, key }) {
    Object.assign(this, { client, target, upstream, key });
    this.closers = [];
    this.errors = [];
    this.log = upstream.open(key, (exchange, index) => testCase.answer(exchange, index, this));
  }

  get url() {
    return this.target.url;
  }
  get throughProxy() {
    return this.target.name !== 'direct';
  }
  get requests() {
    return this.log.requests;
  }
  /** The client under test, pointed at the target; `path` is a prefix, such as /anthropic. */
  open({ path = '', ...options } = {}) {
    const root = this.target.url + (this.throughProxy ? path : '');
    return this.client.open({ root, key: this.key, retries: 0, ...options });
  }

  /** Says what the client has seen, for an upstream that goes in step with it. */
  saw(text) {
    this.#seen += text;
    for (const check of this.#seenWatchers) check();
  }
  /** Resolves once the client has seen the text. */
  seen(text) {
    return new Promise((resolve) => {
      const check = () => {
        if (!this.#seen.includes(text)) return;
        this.#seenWatchers.delete(check);
        resolve();
      };
      this.#seenWatchers.add(check);
      check();
    });
  }

  /** Reads a stream to its end or its error: { items, text, error }. */
  async collect(streaming, onItem = () => {}) {
    const items = [];
    let text = '';
    try {
      for await (const item of streaming) {
        items.push(item.raw);
        text += item.text ?? '';
        this.saw(item.text ?? '');
        if ((await onItem(item, items.length)) === 'break') break;
      }
    } catch (error) {
      this.errors.push(error);
      return { items, text, error };
    }
    return { items, text };
  }

  /** The result or the error of a call. */
  async outcome(call) {
    try {
      return { result: await call };
    } catch (error) {
      this.errors.push(error);
      return { error };
    }
  }

  /** What is behind the errors that the client gave: they say no more than "Connection error". */
  causes() {
    const chain = ({ cause }) =>
      cause ? `: ${cause.code ?? ''} ${cause.message}${chain(cause)}` : '';
    return this.errors.map((error) => `\n${error.message}${chain(error)}`).join('');
  }
}
