// How long is waited for what must come. Only what never comes takes that long, so the limits are
// far above what a busy machine needs; but a proof that failures are noticed waits for many.
const stepMs = 250;
const patient = { what: 20_000, case: 60_000 };
const hurried = { what: 10_000, case: 30_000 };
let limits = patient;

/** From now on no longer than it takes to be sure on a machine that is not busy. */
export function hurry() {
  limits = hurried;
}

/** Rejects where the promise does not settle in time. */
export function within(what, promise, ms = limits.what) {
  return limited(promise, ms, () => new Error(`${what}: not within ${ms} ms`));
}

/** As within(), for all that a case does. */
export function withinCase(promise) {
  return limited(promise, limits.case, () => new Error('the case did not end in time'));
}

/** Counts steps and no clock: while this process is not run, nothing can come. */
async function limited(promise, ms, error) {
  let timer;
  const late = new Promise((_, reject) => {
    let left = Math.ceil(ms / stepMs);
    timer = setInterval(() => (left -= 1) < 0 && reject(error()), stepMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearInterval(timer);
  }
}
