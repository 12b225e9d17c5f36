// Traces of requests in the form that `foreword replay` reads, and prompts that fit them.
//
// A request is { timestamp (ms), input_length, output_length, hash_ids }: an id for each block of
// 512 tokens, which names the prompt up to that block's end.
import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

export const blockTokens = 512;

/** The first `limit` requests of a file, plain or gzip, by time. */
export async function readTrace(file, limit) {
  const bytes = await readFile(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const requests = lines.slice(0, limit).map((line) => JSON.parse(line));
  return requests.sort((a, b) => a.timestamp - b.timestamp);
}

export async function writeTrace(file, requests) {
  await writeFile(file, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Two hours and a half of mixed traffic: heads that many prompts share, prompts that arrive
 * together with a head that is new, conversations that grow, and prompts of which nothing comes
 * again, some of them too small for any cache.
 */
export function makeTrace({ seed, requests: count }) {
  const random = randomNumbers(seed);
  const upTo = (most) => Math.floor(random() * (most + 1));
  const periodMs = 9_000_000;
  let lastId = 0;
  const blocks = (length) => Array.from({ length }, () => ++lastId);
  const requests = [];
  const add = (timestamp, path) => {
    const tail = upTo(3) === 0 ? 0 : 16 + upTo(blockTokens - 17);
    const input_length = path.length * blockTokens + (path.length === 0 && tail === 0 ? 64 : tail);
    const ids = input_length % blockTokens === 0 ? path : [...path, ++lastId];
    requests.push({ timestamp, input_length, output_length: 1, hash_ids: ids });
  };
  const kinds = [
    () => {
      const head = blocks(2 + upTo(6));
      const pause = 20_000 + upTo(900_000);
      for (let at = upTo(periodMs); at < periodMs; at += Math.ceil(random() * 2 * pause)) {
        add(at, [...head, ...blocks(upTo(2))]);
      }
    },
    () => {
      const head = blocks(3 + upTo(5));
      const more = blocks(upTo(8));
      const at = upTo(periodMs);
      for (let left = 2 + upTo(8); left > 0; --left) {
        const shared = [...head, ...more.slice(0, upTo(more.length))];
        add(at + upTo(2_500), [...shared, ...blocks(upTo(2))]);
      }
    },
    () => {
      const path = blocks(1 + upTo(4));
      let at = upTo(periodMs);
      for (let turn = 0; turn < 2 + upTo(8); ++turn) {
        add(at, [...path]);
        path.push(...blocks(upTo(2)));
        at += 5_000 + upTo(upTo(2) === 0 ? 1_800_000 : 200_000);
      }
    },
    () => add(upTo(periodMs), blocks(upTo(10))),
  ];
  while (requests.length < count) kinds[upTo(kinds.length - 1)]();
  return requests.slice(0, count).sort((a, b) => a.timestamp - b.timestamp);
}

/**
 * Questions behind knowledge bases, of which each is asked half as often as the one before: one by
 * one as chance has it, with pauses longer than either time to live, and now and then many at once.
 */
export function makeKbTrace({ seed, requests: count, kbs = 3, kbBlocks = 60 }) {
  const random = randomNumbers(seed);
  const upTo = (most) => Math.floor(random() * (most + 1));
  let lastId = 0;
  const blocks = (length) => Array.from({ length }, () => ++lastId);
  const bases = Array.from({ length: kbs }, () => blocks(kbBlocks));
  const ask = (timestamp, base) => {
    const tokens = 1 + upTo(4 * blockTokens);
    const hash_ids = [...base, ...blocks(Math.ceil(tokens / blockTokens))];
    const input_length = base.length * blockTokens + tokens;
    return { timestamp, input_length, output_length: 1, hash_ids };
  };
  const pauses = [60_000, 60_000, 60_000, 600_000, 6_000_000];
  const requests = [];
  for (let at = 0; requests.length < count; ) {
    at += Math.ceil(-Math.log(1 - random()) * pauses[upTo(pauses.length - 1)]);
    let base = 0;
    while (base + 1 < kbs && upTo(1) === 1) ++base;
    const together = upTo(20) === 0 ? 12 : 1;
    for (let i = 0; i < together; ++i) requests.push(ask(at + 10 * i, bases[base]));
  }
  return requests.slice(0, count).sort((a, b) => a.timestamp - b.timestamp);
}

// What the simulator counts for a message itself, as part of its first block.
const tokensOfMessage = 4;

/**
 * The text of one block: `tokens` for the simulator, and as many for who divides its bytes by the
 * model's `bytesPerToken`. A word of the simulator's is a space and up to four letters.
 */
function blockText(id, isFirst, tokens, bytesPerToken) {
  const words = isFirst ? tokens - tokensOfMessage : tokens;
  const bytes = Math.round(tokens * bytesPerToken);
  const size = Math.floor(bytes / words);
  const longer = bytes % words;
  if (words < 1 || size < 2 || size + (longer > 0 ? 1 : 0) > 5) {
    throw new Error(`no text has ${words} words in ${bytes} bytes`);
  }
  const random = randomNumbers(id);
  const letter = () => String.fromCharCode(97 + Math.floor(random() * 26));
  const word = (length) => ` ${Array.from({ length: length - 1 }, letter).join('')}`;
  return Array.from({ length: words }, (_, i) => word(i < longer ? size + 1 : size)).join('');
}

/** Makes the content of the one message of which a request of a trace consists. */
export function promptMaker(bytesPerToken) {
  const texts = new Map();
  return ({ hash_ids, input_length }) =>
    hash_ids.map((id, i) => {
      const tokens = Math.min(blockTokens, input_length - i * blockTokens);
      const key = `${id} ${i === 0} ${tokens}`;
      if (!texts.has(key)) texts.set(key, blockText(id, i === 0, tokens, bytesPerToken));
      return { type: 'text', text: texts.get(key) };
    });
}
