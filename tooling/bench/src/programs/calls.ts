// API calls in one way, in a process of its own. Prints its counts as JSON.
import process from "node:process";
import { createClient, tokenAuth } from "@carrel/core";
import ky from "ky";

/** How many calls, how many of them at once, and by what. */
export interface CallsInput {
  readonly way: "fetch" | "ky" | "client";
  readonly origin: string;
  readonly calls: number;
  readonly atOnce: number;
}

const { way, origin, calls, atOnce } = JSON.parse(process.argv[2] ?? "{}") as CallsInput;
const url = `${origin}/api/content/library`;
const headers = { "vmware-api-session-id": "t", Accept: "application/json" };
const client = createClient({ endpoint: origin, auth: tokenAuth("t"), wire: "api" });
const ways: Readonly<Record<CallsInput["way"], () => Promise<unknown>>> = {
  fetch: async () => (await fetch(url, { headers })).json(),
  ky: () => ky(url, { headers, retry: 0, timeout: 30_000 }).json(),
  client: () => client.library.list(),
};
await carryOut(1_000);
const startedAt = performance.now();
await carryOut(calls);
const callMicroseconds = ((performance.now() - startedAt) * 1_000) / calls;
process.stdout.write(JSON.stringify({ "µs a call": callMicroseconds }));
process.exit();

async function carryOut(count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await ways[way]();
    }),
  );
}
