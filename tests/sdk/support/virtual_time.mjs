// Drives a proxy and a simulator, both under virtual time, from event to event: a request arrives,
// an answer begins, a prompt that was held back may go.
import { setTimeout as delay } from 'node:timers/promises';

const settleDeadlineMs = 30_000;

async function ask(url, body) {
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${url}: ${await response.text()}`);
  return response.json();
}

/** Sends `requests`, each at its `atUs` (these ascend), by `send(request)`; gives their answers. */
export async function driveInVirtualTime({ proxy, simulator, requests, send }) {
  const proxyClock = `${proxy.admin}/api/clock`;
  const simulatorClock = `${simulator.url}/simulator/clock`;
  const answers = [];
  let now = 0;
  let outstanding = 0;
  let failure;

  const start = (i) => {
    ++outstanding;
    send(requests[i])
      .then((answer) => (answers[i] = answer))
      .catch((error) => (failure ??= error))
      .finally(() => --outstanding);
  };

  // Nothing moves once every request without an answer is held back by one side or the other.
  // The simulator is asked first: requests go from the proxy to it, so none is counted twice.
  const settle = async () => {
    const deadline = Date.now() + settleDeadlineMs;
    for (;;) {
      const { held, next_first_byte_us: firstByte } = await ask(simulatorClock);
      const { waiting, waiting_until_us: until } = await ask(proxyClock);
      if (failure) throw failure;
      const due = firstByte !== null && firstByte <= now;
      if (!due && held + waiting === outstanding) return { firstByte, until };
      if (Date.now() > deadline) {
        throw new Error(`at ${now} us: ${outstanding} open, ${held} held, ${waiting} waiting`);
      }
      await delay(1);
    }
  };

  // The proxy looks at its clock when an answer begins, the simulator when a request comes: each
  // has to know the new time before the other makes it look.
  const moveTo = async (at, order) => {
    for (const clock of order) await ask(clock, { advance_us: at - now });
    now = at;
  };

  for (let next = 0; ; ) {
    const { firstByte, until } = await settle();
    const times = {
      firstByte: firstByte ?? Infinity,
      released: until === null ? Infinity : Math.max(until, now) + 1,
      arrival: next < requests.length ? requests[next].atUs : Infinity,
    };
    const at = Math.min(...Object.values(times));
    if (at === Infinity) return answers;
    const begins = at === times.firstByte;
    const order = [simulatorClock, proxyClock];
    if (at > now) await moveTo(at, begins ? order.toReversed() : order);
    if (!begins && at !== times.released) start(next++);
  }
}
