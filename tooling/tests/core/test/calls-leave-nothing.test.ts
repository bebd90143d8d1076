import { getEventListeners } from "node:events";
import { createClient, passwordAuth } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import { startSimulator } from "@carrel/simulator";
import { openSockets, tries } from "@carrel/test-kit";
import { expect, test } from "vitest";

const calls = tries(1_000, 5_000);
const concurrent = 10;
const libraries = [{ name: "images", items: [{ name: "one", files: [{ name: "a.txt", text: "a" }] }] }];

test("calls leave no listener on a long-lived signal, and no socket", async () => {
  const atFirst = openSockets().length;
  const { signal } = new AbortController();
  let most = 0;
  {
    await using simulator = await startSimulator({ libraries });
    await using fetch = createNodeFetch({ proxy: false });
    await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), fetch });
    await using lease = await client.lease(await client.item.find({ name: "one" }).then(([id = ""]) => id), { signal });
    let left = calls;
    const work = Array.from({ length: concurrent }, async () => {
      while (left-- > 0) {
        if (left % 2 === 0) await lease.files({ signal });
        else await client.library.list({ signal });
        most = Math.max(most, getEventListeners(signal, "abort").length);
      }
    });
    await Promise.all(work);
    // Each call that is on its way may listen a few times; what is over may not.
    expect(most).toBeLessThanOrEqual(5 * concurrent);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(getEventListeners(lease.signal, "abort")).toEqual([]);
    // Both ends of each connection are in this process.
    expect(openSockets().length - atFirst).toBeLessThanOrEqual(2 * concurrent);
  }
  await expect.poll(() => openSockets().length).toBe(atFirst);
  expect(getEventListeners(signal, "abort")).toEqual([]);
}, 120_000);
