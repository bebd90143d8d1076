import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Bench } from "../run/bench.ts";
import { measuredProgram } from "../run/measured-process.ts";

/** API calls: what the client adds to fetch. */
export const calls: Bench = {
  name: "calls",
  work: "10,000 calls of library.list on loopback, answered at once.",
  async measure({ isQuick }, turns) {
    const answer = JSON.stringify(["8f7c1d52-0a4e-4b0f-9f0c-2f2f0d1a7b11"]);
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(answer);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      for (const atOnce of [1, 50]) {
        await turns({
          name: `${atOnce} at once`,
          base: "fetch",
          ways: ["client", "ky", "fetch"].map((way) => ({
            name: way,
            run: () => measuredProgram("calls", { way, origin, calls: isQuick ? 1_000 : 10_000, atOnce }),
          })),
          aims: [{ way: "client", figure: "µs a call", against: "ky", atMost: 1.1 }],
        });
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
};
