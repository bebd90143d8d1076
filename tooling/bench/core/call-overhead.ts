// Overhead of one call of the client against bare fetch, on loopback, in the same run.
// Usage: node tooling/bench/core/call-overhead.ts
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, tokenAuth } from "@carrel/core";

const answer = JSON.stringify(["8f7c1d52-0a4e-4b0f-9f0c-2f2f0d1a7b11"]);
const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(answer);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const client = createClient({ endpoint: origin, auth: tokenAuth("t"), wire: "api" });

async function bare(): Promise<unknown> {
  const response = await fetch(`${origin}/api/content/library`, {
    headers: { "vmware-api-session-id": "t", Accept: "application/json" },
  });
  return response.json();
}

const ours = (): Promise<unknown> => client.library.list();

async function time(call: () => Promise<unknown>, calls: number, concurrent: number): Promise<number> {
  const start = performance.now();
  let left = calls;
  await Promise.all(
    Array.from({ length: concurrent }, async () => {
      while (left-- > 0) await call();
    }),
  );
  return (performance.now() - start) / calls;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

for (const concurrent of [1, 100]) {
  await time(bare, 500, concurrent);
  await time(ours, 500, concurrent);
  const rounds = Array.from({ length: 9 }, () => undefined);
  const results: { readonly bare: number; readonly ours: number }[] = [];
  for (const _ of rounds)
    results.push({ bare: await time(bare, 1_000, concurrent), ours: await time(ours, 1_000, concurrent) });
  const bareMs = median(results.map((result) => result.bare));
  const oursMs = median(results.map((result) => result.ours));
  const ratio = median(results.map((result) => result.ours / result.bare));
  console.log(
    `${concurrent} at once: fetch ${bareMs.toFixed(3)} ms, client ${oursMs.toFixed(3)} ms a call, ratio ${ratio.toFixed(2)}`,
  );
}
await client[Symbol.asyncDispose]();
server.closeAllConnections();
server.close();
