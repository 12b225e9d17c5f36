// The official Python SDKs: a few Python processes play all of them, and are told what to do by
// lines of JSON (python_driver.py). The shape of a client is told in official.mjs.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { noteHead } from '../suite/headers_seen.mjs';
import { chatParams, genaiParams, messagesParams, responsesParams } from './prompts.mjs';

// One alone cannot keep up with as many cases at once as the suite runs.
const processCount = 4;
const driver = fileURLToPath(new URL('python_driver.py', import.meta.url));

class PythonProcess {
  #waiting = new Map();
  #next = 1;
  #process;

  constructor(python) {
    this.#process = spawn(python, [driver], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#take(line));
    this.#process.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`Python ended: ${code}`));
    });
    // It has nothing to do when the suite has not: it must not keep it running.
    this.#process.unref();
    for (const stream of [this.#process.stdin, this.#process.stdout]) stream.unref?.();
  }

  #take(line) {
    const { head, id, error, ...answer } = JSON.parse(line);
    if (head) {
      noteHead(head.key, { status: head.status, headers: head.headers });
      return;
    }
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(error);
    else resolve(answer);
  }

  /** The id under which others may name the command. */
  send(command) {
    const id = this.#next;
    this.#next += 1;
    this.#process.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
    return id;
  }
  /** { id, answer }: a promise of what it answers. */
  call(command) {
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(this.#next, { resolve, reject });
    });
    return { id: this.send(command), answer };
  }
}

function client(processes, { name, kind, provider, operation, params, has }) {
  const stopOnAbort = (python, signal, id) =>
    signal?.addEventListener('abort', () => {
      python.call({ do: 'stop', call: id }).answer.catch(() => {});
    });
  return {
    name,
    provider,
    operation,
    has: new Set(has),
    open({ root, key, retries, headers = {} }) {
      const python = processes.next().value;
      const opened = python.send({ do: 'open', kind, root, key, retries, headers });
      return {
        async ask(prompt, { signal } = {}) {
          const { id, answer } = python.call({ do: 'ask', client: opened, params: params(prompt) });
          stopOnAbort(python, signal, id);
          return (await answer).result;
        },
        async *stream(prompt, { signal } = {}) {
          const begun = python.call({ do: 'stream', client: opened, params: params(prompt) });
          stopOnAbort(python, signal, begun.id);
          await begun.answer;
          try {
            for (;;) {
              const { answer } = python.call({ do: 'next', stream: begun.id });
              const { item, done } = await answer;
              if (done) return;
              yield item;
            }
          } finally {
            await python.call({ do: 'stop', call: begun.id }).answer;
          }
        },
      };
    },
  };
}

function* inTurn(list) {
  for (;;) yield* list;
}

/** All of them, of the packages that belong to `python`, the path of an interpreter. */
export function pythonClients(python) {
  const processes = inTurn(
    Array.from({ length: processCount }, () => new PythonProcess(python)),
  );
  const has = ['abort', 'headers', 'noBrotli'];
  const retrying = [...has, 'abortStream', 'break', 'retries', 'hints'];
  return [
    {
      name: 'python anthropic',
      kind: 'anthropic',
      provider: 'anthropic',
      operation: 'messages',
      params: messagesParams,
      has: retrying,
    },
    {
      name: 'python openai chat',
      kind: 'chat',
      provider: 'openai',
      operation: 'chat_completions',
      params: chatParams,
      has: retrying,
    },
    {
      name: 'python openai responses',
      kind: 'responses',
      provider: 'openai',
      operation: 'responses',
      params: responsesParams,
      has: retrying,
    },
    {
      name: 'python google-genai',
      kind: 'gemini',
      provider: 'gemini',
      operation: 'generate_content',
      params: genaiParams,
      has: [...has, 'strictStreams'],
    },
  ].map((description) => client(processes, description));
}
