// Twelve prompts that arrive together with a knowledge base that is in no cache: one writes it, the
// others read it, by the provider's own numbers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openOperations } from '../../tools/demo_client/sdk_clients.mjs';
import { openFixture } from './support/fixture.mjs';
import { prose } from './support/prose.mjs';

const clients = 12;
// Of the simulator: what a request writes can be read once its answer begins.
const slowFirstByte = 'first-byte-delay-ms=500';

describe('a knowledge base of 150,000 tokens in no cache', () => {
  const fixture = openFixture(after);
  let simulator;
  before(async () => {
    simulator = await fixture.simulator();
  });

  /** Usages of `clients` prompts at once; `options(i)` adds to the SDK's. Failed ones are null. */
  async function askAtOnce(seed, options = () => ({})) {
    const proxy = await fixture.proxy({ upstream: simulator.url });
    await fixture.loadKb(proxy, 'handbook', { 'book.md': prose(600_000, seed) });
    const [messages] = openOperations({ base: `${proxy.url}/kb/handbook`, maxRetries: 0 });
    return Promise.all(
      Array.from({ length: clients }, (_, i) =>
        messages
          .ask(messages.params(`Question ${i}?`), {
            headers: { 'x-simulate': slowFirstByte },
            ...options(i),
          })
          .then(({ answer }) => answer.usage)
          .catch(() => null),
      ),
    );
  }

  const writes = (usages) => usages.filter((usage) => usage?.cache_creation_input_tokens > 100_000);
  const reads = (usages) => usages.filter((usage) => usage?.cache_read_input_tokens > 100_000);

  test('is written once and read eleven times', async () => {
    const usages = await askAtOnce(21);
    assert.equal(writes(usages).length, 1);
    assert.equal(reads(usages).length, clients - 1);
  });

  test('is written once more when the writer fails, and no other request is lost', async () => {
    // Which one writes is chance: the first that reaches the simulator fails.
    await fetch(`${simulator.url}/simulator/faults`, {
      method: 'POST',
      body: JSON.stringify({ faults: 'status=500;first-byte-delay-ms=500;times=1' }),
    });
    const usages = await askAtOnce(22, () => ({ headers: {} }));
    assert.equal(usages.filter((usage) => usage === null).length, 1);
    assert.equal(reads(usages).length + writes(usages).length, clients - 1);
    assert.equal(writes(usages).length, 1);
  });
});
