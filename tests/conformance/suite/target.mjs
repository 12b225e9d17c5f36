// What clients are pointed at: the upstream itself, and one foreword per mode in front of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProxy } from '../../../tools/demo_client/foreword_process.mjs';

export const modes = ['off', 'observe', 'optimize'];

/** Starts what is asked for; all of it ends with close(). */
export function openTargets(binary) {
  const directory = mkdtempSync(join(tmpdir(), 'foreword-conformance-'));
  const running = [];
  let started = 0;
  return {
    directory,
    async proxy({ upstream, mode, settings = [] }) {
      started += 1;
      const proxy = await startProxy(binary, {
        directory,
        name: `serve-${started}`,
        upstream,
        store: join(directory, `store-${started}`),
        settings: [
          `proxy.mode=${mode}`,
          'log.level=warn',
          // Clients of some cases never let go of their connections.
          'proxy.drain_timeout_ms=500',
          // Short enough for cases that see an idle connection close, and no shorter: clients that
          // are slow to act must not run into it.
          'proxy.keep_alive_timeout_ms=20000',
          ...settings,
        ],
      });
      running.push(proxy);
      return { name: mode, mode, ...proxy };
    },
    async close() {
      await Promise.all(running.map(({ stop }) => stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
