import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** What happens to one connection, after so many bytes from the server. TLS and all: the relay knows nothing of HTTP. */
export interface RelayFault {
  readonly kind: "reset" | "close" | "stall";
  readonly afterBytes: number;
}

/** A TCP relay on loopback that breaks connections. */
export interface FaultyRelay extends AsyncDisposable {
  readonly port: number;
  /** Faults for the next connections, in order. */
  readonly faults: (RelayFault | undefined)[];
  readonly sockets: ReadonlySet<Socket>;
}

/** Starts a relay to a port of loopback. */
export async function startFaultyRelay(target: number): Promise<FaultyRelay> {
  const faults: (RelayFault | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const fault = faults.shift();
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    let passed = 0;
    upstream.on("data", (chunk: Buffer) => {
      const left = fault === undefined ? Infinity : fault.afterBytes - passed;
      passed += chunk.length;
      if (chunk.length < left) {
        if (!client.write(chunk)) {
          upstream.pause();
          client.once("drain", () => upstream.resume());
        }
        return;
      }
      upstream.pause();
      client.write(chunk.subarray(0, left), () => {
        if (fault?.kind === "reset") client.resetAndDestroy();
        if (fault?.kind === "close") client.end();
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
