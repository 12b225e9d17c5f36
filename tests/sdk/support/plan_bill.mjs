// Bills a plan of `foreword replay --plan-out`, request by request: what the provider's published
// cache rules make of it, computed once more by other means.
import { blockTokens } from './traces.mjs';

const lookback = 20;
const hourS = 3600;

/**
 * `plan`: lines { i, t, marks: [[position, ttl], ...] } in the order of sending, without pings.
 * Returns usages { input, cache_read, cache_write_short, cache_write_long } by i.
 */
export function billPlan(requests, plan, minTokens) {
  const entries = new Map();
  const names = requests.map(({ hash_ids }) => {
    let name = '';
    return hash_ids.map((id) => (name += `/${id}`));
  });
  const bills = [];
  for (const { i, t, marks } of plan) {
    const tokens = (position) => Math.min(position * blockTokens, requests[i].input_length);
    const live = (position) => {
      const entry = entries.get(names[i][position - 1]);
      return entry && entry.visible <= t && t < entry.expires ? entry : undefined;
    };
    const used = marks.filter(([position]) => tokens(position) >= minTokens);
    const read = longestRead(used, live);
    const last = Math.max(read, ...used.map(([position]) => position));
    const long = used.filter(([, ttl]) => ttl === hourS).map(([position]) => position);
    const lastLong = Math.max(read, ...long);
    bills[i] = {
      input: requests[i].input_length - tokens(last),
      cache_read: tokens(read),
      cache_write_short: tokens(last) - tokens(lastLong),
      cache_write_long: tokens(lastLong) - tokens(read),
    };
    const visible = t + 0.4 + (requests[i].input_length - tokens(read)) / 12_000;
    const renew = (entry) => (entry.expires = Math.max(entry.expires, t + entry.ttl));
    if (read > 0) renew(live(read));
    for (const [position, ttl] of used) {
      const entry = live(position);
      if (entry) renew(entry);
      else if (position > read) write(entries, names[i][position - 1], { visible, ttl }, t);
    }
  }
  return bills;
}

function longestRead(marks, live) {
  for (const [position] of marks.toReversed()) {
    for (let p = position; p > Math.max(0, position - lookback); --p) if (live(p)) return p;
  }
  return 0;
}

function write(entries, name, { visible, ttl }, now) {
  const other = entries.get(name);
  const onItsWay = other && other.visible > now && other.expires > now;
  entries.set(name, {
    visible: onItsWay ? Math.min(other.visible, visible) : visible,
    expires: Math.max(now + ttl, onItsWay ? other.expires : 0),
    ttl: onItsWay ? Math.max(other.ttl, ttl) : ttl,
  });
}
