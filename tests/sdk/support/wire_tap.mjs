// A fetch that keeps the bytes of requests and answers as the SDK's own sockets see them.

/**
 * `fetch` is for an SDK's constructor. `exchanges` holds { sent, received() } per call: the body as
 * sent, and what of the answer has come so far, as Buffers. `receivedBytes(n)` resolves once the
 * latest answer has brought n bytes.
 */
export function openWireTap() {
  const exchanges = [];
  const waiting = [];
  const wake = () => {
    for (const waiter of waiting) waiter();
  };

  async function tappedFetch(input, init) {
    const pieces = [];
    const exchange = { sent: Buffer.from(init.body ?? ''), received: () => Buffer.concat(pieces) };
    exchanges.push(exchange);
    const response = await fetch(input, init);
    const noted = new TransformStream({
      transform(piece, controller) {
        pieces.push(piece);
        controller.enqueue(piece);
        wake();
      },
    });
    return new Response(response.body.pipeThrough(noted), response);
  }

  const receivedBytes = (count) =>
    new Promise((resolve) => {
      const check = () => {
        if ((exchanges.at(-1)?.received().length ?? 0) < count) return false;
        resolve();
        return true;
      };
      if (!check()) waiting.push(check);
    });

  return { fetch: tappedFetch, exchanges, receivedBytes };
}
