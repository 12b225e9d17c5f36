// Text that does not repeat, of any size, and the same at every run: what a comparison of large
// bodies needs in order to mean anything.

const made = new Map();

/** At least `bytes` of words in lines; every `seed` gives another text. */
export function prose(bytes, seed = 1) {
  const name = `${bytes} ${seed}`;
  if (!made.has(name)) made.set(name, make(bytes, seed));
  return made.get(name);
}

function make(bytes, seed) {
  let state = seed >>> 0;
  const next = () => {
    // An xorshift: Math.random cannot be given a seed.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const words = [];
  let size = 0;
  for (let i = 0; size < bytes; i += 1) {
    const word = next().toString(36) + oddEnds[next() % oddEnds.length];
    words.push(word);
    size += Buffer.byteLength(word);
  }
  return words.join('');
}

const oddEnds = [
  ' ',
  ' ',
  ' ',
  ', ',
  '.\n',
  ' "',
  '" ',
  '\\',
  '\t',
  ' \u2014 ',
  '\u00fc ',
  '\u{1F600} ',
  '</',
];
