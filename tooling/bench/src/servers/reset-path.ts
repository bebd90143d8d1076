import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A TCP relay whose connections are reset. */
export interface ResetPath extends AsyncDisposable {
  readonly port: number;
  /** Bytes that were sent to clients, of all connections, since it was last asked. */
  takeSentBytes(): number;
}

/** Starts a relay to a port of this machine that resets each connection after that number of bytes; `Infinity` for never. */
export async function startResetPath(target: number, everyBytes: number): Promise<ResetPath> {
  const sockets = new Set<Socket>();
  let sentBytes = 0;
  const server = createServer((client) => {
    const upstream = connect({ port: target, host: "127.0.0.1" });
    let leftBytes = everyBytes;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket);
          upstream.destroy();
          client.destroySoon();
        });
    }
    client.pipe(upstream);
    upstream.on("data", (chunk: Buffer) => {
      leftBytes -= chunk.length;
      sentBytes += chunk.length;
      if (leftBytes <= 0) {
        client.resetAndDestroy();
      } else if (!client.write(chunk)) {
        upstream.pause();
        client.once("drain", () => upstream.resume());
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    takeSentBytes: () => {
      const taken = sentBytes;
      sentBytes = 0;
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
