import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

const segmentBytes = 1448;

/** A TCP relay that sends as over a long path: with delay, loss and a limited rate. */
export interface WanPath extends AsyncDisposable {
  readonly port: number;
}

/** What the path is like. */
export interface WanPathOptions {
  readonly roundTripMs: number;
  /** Share of the segments that are lost. */
  readonly lossRate: number;
  /** Rate of the path, which its connections share evenly. */
  readonly megabitsPerSecond: number;
}

/**
 * Stands in for `tc netem`, which needs a kernel module. Each connection keeps a congestion window as TCP Reno does: a
 * window for each round trip, doubled until the first loss, then one segment more a round, halved where a segment is lost.
 */
export async function startWanPath(target: number, options: WanPathOptions): Promise<WanPath> {
  const { roundTripMs, lossRate, megabitsPerSecond } = options;
  const pathSegments = (megabitsPerSecond * 125 * roundTripMs) / segmentBytes;
  let connections = 0;
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
    connections += 1;
    const windowLimit = (): number => Math.max(2, pathSegments / connections);
    void relay(upstream, client, { roundTripMs, lossRate, windowLimit }).finally(() => (connections -= 1));
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

interface Window {
  readonly roundTripMs: number;
  readonly lossRate: number;
  /** Segments that this connection may have on the path at once. */
  readonly windowLimit: () => number;
}

async function relay(upstream: Socket, client: Socket, { roundTripMs, lossRate, windowLimit }: Window): Promise<void> {
  let windowSegments = 10;
  let isSlowStart = true;
  let roundBegan = performance.now();
  while (!client.destroyed) {
    windowSegments = Math.min(windowSegments, windowLimit());
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
