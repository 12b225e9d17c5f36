// What a test asks for: a temporary folder, a proxy, a simulator, a recording upstream. All of it
// is stopped and removed when the test, or the suite that asked, ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import {
  runForeword,
  startProxy,
  startSimulator,
} from '../../../tools/demo_client/foreword_process.mjs';
import { startRecordingUpstream } from './recording_upstream.mjs';

const binary = process.env.FOREWORD_BINARY;
if (!binary) throw new Error('FOREWORD_BINARY is not set: tests/sdk/run sets it');

/** `after` is a test's t.after, or node:test's own `after` inside a suite. */
export function openFixture(after) {
  const directory = mkdtempSync(join(tmpdir(), 'foreword-sdk-'));
  const closers = [];
  let started = 0;
  after(async () => {
    // Last opened, first closed: a proxy holds connections to what it was started in front of.
    for (const close of closers.toReversed()) await close();
    rmSync(directory, { recursive: true, force: true });
  });

  return {
    directory,

    async upstream() {
      const upstream = await startRecordingUpstream();
      closers.push(upstream.close);
      return upstream;
    },

    async simulator(args = []) {
      const name = `simulate-${++started}`;
      const simulator = await startSimulator(binary, { directory, name, args });
      closers.push(simulator.stop);
      return simulator;
    },

    async proxy({ upstream, store = `store-${started + 1}`, settings, args }) {
      const name = `serve-${++started}`;
      const options = { directory, name, upstream, store: join(directory, store), settings, args };
      const proxy = await startProxy(binary, options);
      closers.push(proxy.stop);
      return proxy;
    },

    /** `documents`: text by path. */
    async loadKb(proxy, name, documents) {
      const folder = join(directory, `documents-${++started}`);
      for (const [path, text] of Object.entries(documents)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await this.foreword('kb', 'load', name, folder, '--admin', proxy.admin);
    },

    foreword: (...args) => runForeword(binary, args, { directory }),
  };
}
