// A proxy on a store that is filled once, and pages of its dashboard in Chromium.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { chromium } from 'playwright-core';

import { startProxy, startSimulator } from '../../../tools/demo_client/foreword_process.mjs';

const binary = process.env.FOREWORD_BINARY;
if (!binary) throw new Error('FOREWORD_BINARY is not set: tests/browser/run sets it');
const screenshots = process.env.FOREWORD_SCREENSHOTS;

const NOWHERE = 'http://127.0.0.1:9';
/** Each begins with words of its own, so that a base has something to tell. */
const documents = (count, words) => Array.from({ length: count }, (_, i) => ({
  path: `pages/${String(i).padStart(3, '0')}.md`,
  text: `# Page ${i}\n\n${`Rule ${i} says what it says. `.repeat(words)}\n`,
}));

async function putKb(admin, name, list) {
  const response = await fetch(`${admin}/api/kbs/${name}`,
    { method: 'PUT', body: JSON.stringify({ documents: list }) });
  if (!response.ok) throw new Error(`PUT ${name}: ${response.status} ${await response.text()}`);
}

/** Of three layers: two updates follow. */
async function loadKbs(admin) {
  const handbook = documents(60, 120);
  await putKb(admin, 'handbook', handbook);
  handbook[3].text += '\nAnd more.\n';
  await putKb(admin, 'handbook', handbook);
  handbook[9].text = '# Page 9\n\nAnother one.\n';
  await putKb(admin, 'handbook', handbook);
  await putKb(admin, 'policies', documents(12, 90));
}

/** `simulated`: in front of the providers' simulator, with the two knowledge bases. */
export async function openDashboard({ rows = 0, settings = [], token, simulated = false }) {
  const directory = mkdtempSync(join(tmpdir(), 'foreword-browser-'));
  const store = join(directory, 'store');
  if (rows > 0) execFileSync(join(dirname(binary), 'fill_store'), [store, String(rows)]);
  if (token) process.env.FOREWORD_TEST_TOKEN = token;
  const simulator = simulated ? await startSimulator(binary, { directory }) : null;
  const upstream = simulator?.url ?? NOWHERE;
  const proxy = await startProxy(binary, { directory, upstream, store, settings });
  if (rows > 0 || simulated) await loadKbs(proxy.admin);
  // Debian's chromium runs as root only without its sandbox; the pages are our own.
  const browser = await chromium.launch({
    executablePath: process.env.FOREWORD_CHROMIUM,
    args: ['--no-sandbox'],
  });
  return {
    ...proxy,
    browser,
    async close() {
      await browser.close();
      await proxy.stop();
      await simulator?.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A page in a context of its own, and what it complained of and asked for. */
export async function openPage(dashboard, { path = '/', ...options } = {}) {
  const context = await dashboard.browser.newContext({
    viewport: { width: 1280, height: 900 }, ...options,
  });
  const page = await context.newPage();
  const complaints = [];
  const asked = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(dashboard.admin + path);
  return { page, complaints, asked, close: () => context.close() };
}

export const isReady = (page) => page.waitForSelector('body[data-ready]');

export async function keepScreenshot(page, name) {
  if (!screenshots) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}
