// Starts `foreword` subcommands and waits for the line by which they say that they listen.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const announceDeadlineMs = 30_000;
const stopDeadlineMs = 15_000;

/** The environment without what would let a user's own settings into a demo or a test. */
export function cleanEnvironment(directory) {
  const { FOREWORD_CONFIG, ...rest } = process.env;
  return { ...rest, XDG_DATA_HOME: directory };
}

/**
 * Runs `binary args...` until stopped. Its output goes to DIRECTORY/NAME.log, so that it can
 * outlive this process. Resolves to { pid, urls, logFile, stop(), kill(), exited } once a line
 * matches `announcement`, whose groups are `urls`.
 */
export async function startForeword(binary, args, { directory, name, announcement, detached }) {
  const logFile = join(directory, `${name}.log`);
  const log = openSync(logFile, 'w');
  const child = spawn(binary, args, {
    stdio: ['ignore', log, log],
    env: cleanEnvironment(directory),
    detached,
  });
  closeSync(log);
  const exited = once(child, 'exit');
  exited.catch(() => {}); // a binary that cannot be started is reported below
  const stop = async () => {
    if (!isRunning(child)) return;
    child.kill('SIGTERM');
    const stopped = await Promise.race([exited, delay(stopDeadlineMs, null, { ref: false })]);
    if (stopped) return;
    child.kill('SIGKILL');
    await exited;
    throw new Error(`foreword ${args[0]} did not stop within ${stopDeadlineMs / 1000} s`);
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await once(child, 'spawn');
    const urls = await announced(child, logFile, announcement);
    if (detached) child.unref();
    return { pid: child.pid, urls, logFile, stop, kill, exited };
  } catch (error) {
    if (isRunning(child)) child.kill('SIGKILL');
    const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
    throw new Error(`foreword ${args[0]}: ${error.message}${tail && `; it said:\n${tail}`}`);
  }
}

function isRunning(child) {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function announced(child, logFile, announcement) {
  const deadline = Date.now() + announceDeadlineMs;
  for (;;) {
    const match = readFileSync(logFile, 'utf8').match(announcement);
    if (match) return match.slice(1);
    if (!isRunning(child)) throw new Error(`ended (exit code ${child.exitCode})`);
    if (Date.now() > deadline) {
      throw new Error(`did not listen within ${announceDeadlineMs / 1000} s`);
    }
    await delay(20);
  }
}

export const startSimulator = async (binary, { args = [], ...options }) => {
  const simulator = await startForeword(binary, ['simulate', '--listen', '127.0.0.1:0', ...args], {
    name: 'simulate',
    announcement: /^foreword simulate: listening on (http:\S+)$/m,
    ...options,
  });
  return { ...simulator, url: simulator.urls[0] };
};

/** `upstream` is one base URL for all three providers; `settings` are more of --set. */
export const startProxy = async (
  binary,
  { upstream, store, settings = [], args = [], ...options },
) => {
  const set = [
    'proxy.listen=127.0.0.1:0',
    'admin.listen=127.0.0.1:0',
    `store.path=${store}`,
    ...['anthropic', 'openai', 'gemini'].map((name) => `upstream.${name}.base_url=${upstream}`),
    ...settings,
  ];
  const proxy = await startForeword(
    binary,
    ['serve', ...args, ...set.flatMap((setting) => ['--set', setting])],
    {
      name: 'serve',
      announcement: /^foreword serve: proxy (http:\S+) admin (http:\S+)$/m,
      ...options,
    },
  );
  return { ...proxy, url: proxy.urls[0], admin: proxy.urls[1] };
};

/** Runs a subcommand that ends; resolves to its stdout, rejects with its stderr. */
export async function runForeword(binary, args, { directory }) {
  try {
    const { stdout } = await promisify(execFile)(binary, args, {
      env: cleanEnvironment(directory),
      maxBuffer: 64 << 20,
      timeout: 120_000,
    });
    return stdout;
  } catch (error) {
    const said = (error.stderr || error.stdout || error.message).trimEnd();
    throw new Error(`foreword ${args.slice(0, 2).join(' ')} failed: ${said}`);
  }
}
