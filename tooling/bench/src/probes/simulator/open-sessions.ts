/**
 * How long `get` of a download session takes with 10, 100, 1,000 and 10,000 sessions open.
 *
 * node tooling/bench/simulator/open-sessions.ts
 */
import { Agent, request } from "node:http";
import { startSimulator } from "@carrel/simulator";
import { median } from "../../run/statistics.ts";

await using simulator = await startSimulator({ libraries: [{ name: "bench", items: [{ name: "item" }] }] });
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const { username, password } = simulator.credentials;
const token = await call("POST", "/api/session", { authorization: `Basic ${btoa(`${username}:${password}`)}` });
const headers = { "vmware-api-session-id": String(token) };
const sessions = "/api/content/library/item/download-session";
const body = JSON.stringify({ library_item_id: simulator.inventory.item("bench/item").id });
const ids: string[] = [];
const middles: number[] = [];

for (const open of [10, 100, 1_000, 10_000]) {
  while (ids.length < open) {
    const batch = Array.from({ length: Math.min(8, open - ids.length) }, () => call("POST", sessions, headers, body));
    ids.push(...(await Promise.all(batch)).map(String));
  }
  const samples: number[] = [];
  for (let count = 0; count < 2_000; count += 1) {
    const id = ids[(count * 7919) % ids.length] ?? "";
    const startedAt = performance.now();
    await call("GET", `${sessions}/${id}`, headers);
    samples.push(performance.now() - startedAt);
  }
  middles.push(median(samples));
  console.log(
    `${String(open).padStart(6)} open: get takes ${(median(samples) * 1000).toFixed(0)} us (median of 2,000)`,
  );
}
agent.destroy();
const growth = (middles.at(-1) ?? 0) / (middles[1] ?? 1);
console.log(`10,000 against 100: ${growth.toFixed(2)} times`);
process.exitCode = growth < 1.5 ? 0 : 1;

async function call(
  method: string,
  path: string,
  headerFields: Record<string, string>,
  text?: string,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(new URL(path, simulator.url), { method, headers: headerFields, agent });
  sent.on("error", reject).on("response", (response) => {
    let answer = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
    response.on("end", () => resolve(answer)).on("error", reject);
  });
  sent.end(text);
  return JSON.parse(await promise);
}
