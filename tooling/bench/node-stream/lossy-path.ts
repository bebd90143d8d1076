import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

const segmentBytes = 1448;

/** A TCP relay that sends as over a path with delay and loss. */
export interface LossyPath extends AsyncDisposable {
  readonly port: number;
}

/**
 * Stands in for `tc netem`, which needs a kernel module. Each connection keeps a congestion window as TCP Reno does: a
 * window for each round trip, doubled until the first loss, then one segment more a round, halved where a segment is lost.
 */
export async function startLossyPath(
  target: number,
  { roundTripMs, lossRate }: { readonly roundTripMs: number; readonly lossRate: number },
): Promise<LossyPath> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: "127.0.0.1", noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.on("data", (chunk: Buffer) => setTimeout(() => upstream.write(chunk), roundTripMs / 2));
    void relay(upstream, client, roundTripMs, lossRate);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function relay(upstream: Socket, client: Socket, roundTripMs: number, lossRate: number): Promise<void> {
  let windowSegments = 10;
  let isSlowStart = true;
  let roundBegan = performance.now();
  while (!client.destroyed) {
    let leftBytes = Math.floor(windowSegments) * segmentBytes;
    let isUsed = false;
    while (leftBytes > 0) {
      const chunk = upstream.read(Math.min(leftBytes, upstream.readableLength)) as Buffer | null;
      if (chunk === null || chunk.length === 0) break;
      isUsed = true;
      leftBytes -= chunk.length;
      setTimeout(() => client.write(chunk), roundTripMs / 2);
    }
    if (!isUsed) {
      if (upstream.readableEnded || upstream.destroyed) return;
      const isAwake = new AbortController();
      const { signal } = isAwake;
      const events = [
        once(upstream, "readable", { signal }),
        once(upstream, "close", { signal }),
        once(client, "close", { signal }),
      ];
      await Promise.race(events).catch(() => {});
      isAwake.abort();
      await Promise.allSettled(events);
      roundBegan = performance.now();
      continue;
    }
    const isLost = Math.random() > (1 - lossRate) ** Math.floor(windowSegments);
    isSlowStart &&= !isLost;
    windowSegments = isLost ? Math.max(windowSegments / 2, 2) : isSlowStart ? windowSegments * 2 : windowSegments + 1;
    roundBegan += roundTripMs;
    await new Promise((resolve) => {
      setTimeout(resolve, Math.max(roundBegan - performance.now(), 0));
    });
  }
}
