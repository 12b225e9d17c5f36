// The dashboard where there is little to show, or a token is asked for, and while requests come in.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isReady, openDashboard, openPage } from './support/page.mjs';

describe('a dashboard', () => {
  it('of an empty ledger says so, and complains of nothing', async (t) => {
    const dashboard = await openDashboard({});
    t.after(dashboard.close);
    const { page, complaints } = await openPage(dashboard);
    await isReady(page);
    assert.equal(await page.locator('#saved-amount').innerText(), '$0.00');
    assert.match(await page.locator('#saved-against').innerText(), /No request/);
    assert.match(await page.locator('#verdict').innerText(), /^Cannot tell/);
    assert.match(await page.locator('#kb-list').innerText(), /foreword kb load/);
    assert.deepEqual(complaints, []);
  });

  it('shows a cache that was written and not read yet as a loss', async (t) => {
    const dashboard = await openDashboard({ simulated: true });
    t.after(dashboard.close);
    const response = await fetch(`${dashboard.url}/kb/handbook/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 10,
        messages: [{ role: 'user', content: 'What does rule 7 say?' }] }),
    });
    assert.equal(response.status, 200);
    await response.text();
    const { page, complaints } = await openPage(dashboard);
    await isReady(page);
    assert.equal(await page.locator('#saved-title').innerText(), 'Lost to date');
    assert.match(await page.locator('#saved-amount').innerText(), /^\u2212\$0\.\d+$/);
    assert.match(await page.locator('#saved-against').innerText(), /more$/);
    assert.match(await page.locator('#saved-caused').innerText(), /would have paid .* less/);
    assert.match(await page.locator('#losses-table').innerText(), /First use/);
    assert.match(await page.locator('#kb-list .card').first().innerText(), /warm/);
    assert.deepEqual(complaints, []);
  });

  it('shows a new request without a reload', async (t) => {
    const dashboard = await openDashboard({ rows: 50 });
    t.after(dashboard.close);
    const { page } = await openPage(dashboard);
    await isReady(page);
    const newest = () => page.locator('#requests-table tbody button').first().innerText();
    const before = await newest();
    // Nothing listens there: a row of a request that failed.
    await fetch(`${dashboard.url}/v1/messages`, { method: 'POST', body: '{"model":"none"}' });
    await page.waitForFunction((old) =>
      document.querySelector('#requests-table tbody button').textContent !== old, before);
    assert.match(await page.locator('#requests-table tbody tr').first().innerText(), /failed/);
  });

  it('asks for the token of its listener, and keeps it for the tab alone', async (t) => {
    const dashboard = await openDashboard({
      token: 'open sesame', settings: ['admin.token_env=FOREWORD_TEST_TOKEN'],
    });
    t.after(dashboard.close);
    const { page } = await openPage(dashboard);
    await page.locator('#token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#token-wrong:not([hidden])');
    await page.locator('#token').fill('open sesame');
    await page.keyboard.press('Enter');
    await isReady(page);
    const kept = await page.evaluate(() => [sessionStorage.length, localStorage.length]);
    assert.deepEqual(kept, [1, 0]);
    await page.reload();
    await isReady(page);
  });
});
