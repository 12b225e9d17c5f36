// Says what was put into a body, without knowing who did it or how.

// Long needles are found at the right place at once; short ones are for what lies between two
// insertions that are close to each other.
const needleLengths = [48, 12, 4, 1];
const maxTries = 5_000;

/**
 * The ranges [from, to) of `edited` that have to be taken out to give `original` back: at most
 * `limit` of them, or undefined where none were found. Both are Buffers.
 *
 * Each range starts as late as it can: after the longest common beginning. Where it ends is tried
 * at each place where the original's next bytes occur.
 */
export function findInsertions(original, edited, limit) {
  let tries = 0;

  const search = (from, at, left) => {
    let same = 0;
    while (from + same < original.length && original[from + same] === edited[at + same]) same += 1;
    const next = from + same;
    const gap = at + same;
    if (next === original.length) {
      if (gap === edited.length) return [];
      return left > 0 ? [[gap, edited.length]] : undefined;
    }
    if (left === 0) return undefined;
    for (const length of needleLengths) {
      const needle = original.subarray(next, next + length);
      for (let end = edited.indexOf(needle, gap + 1); end >= 0;) {
        tries += 1;
        if (tries > maxTries) return undefined;
        const rest = search(next, end, left - 1);
        if (rest) return [[gap, end], ...rest];
        end = edited.indexOf(needle, end + 1);
      }
    }
    return undefined;
  };

  return search(0, 0, limit);
}

/** `edited` without those ranges. */
export function without(edited, ranges) {
  const pieces = [];
  let at = 0;
  for (const [from, to] of ranges) {
    pieces.push(edited.subarray(at, from));
    at = to;
  }
  pieces.push(edited.subarray(at));
  return Buffer.concat(pieces);
}
