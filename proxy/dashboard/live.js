// Looks again every few seconds, as long as somebody looks at the page.

/** `task` is async; it never runs twice at a time: who asks meanwhile gets another turn. */
export function every(seconds, task) {
  let running = false;
  let wanted = false;
  const turn = async () => {
    wanted = true;
    if (running || document.hidden) return;
    running = true;
    try {
      while (wanted) {
        wanted = false;
        await task();
      }
    } finally {
      running = false;
    }
  };
  setInterval(turn, seconds * 1000);
  document.addEventListener('visibilitychange', turn);
  return turn;
}

/** Calls `task` with the latest arguments once there were no new ones for so long. */
export function settled(milliseconds, task) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => task(...values), milliseconds);
  };
}
