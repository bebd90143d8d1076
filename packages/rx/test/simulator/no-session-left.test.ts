import { assert, asyncProperty, array, boolean, constantFrom, integer, record } from "fast-check";
import type { DownloadLease } from "@carrel/core";
import type { Subscription } from "rxjs";
import { afterAll, expect, test } from "vitest";
import { reopenWhenLost, session$ } from "../../src/index.ts";
import { itemIds, pause, startLibrary } from "../support/library.ts";

const visit = record({
  itemId: constantFrom(...itemIds),
  fromMs: integer({ min: 0, max: 40 }),
  /** At 0 they leave synchronously. */
  stayMs: integer({ min: 0, max: 40 }),
  lingerMs: constantFrom(0, 1, 5, 20),
  reopens: boolean(),
});
const latencies = array(integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 20 });
const expiries = array(integer({ min: 0, max: 80 }), { maxLength: 2 });
const visits = array(visit, { minLength: 1, maxLength: 8 });
let sessions = 0;

test("session$ leaves no session behind, whenever subscribers come and go, and however slow the server is", async () => {
  const property = asyncProperty(visits, latencies, expiries, async (planned, latency, expireAtMs) => {
    let turn = 0;
    await using library = await startLibrary({}, () => latency[turn++ % latency.length] ?? 0);
    const { client, simulator } = library;
    const leases = new Set<DownloadLease>();

    const comeAndGo = planned.map(async ({ itemId, fromMs, stayMs, lingerMs, reopens }) => {
      await pause(fromMs);
      const stream = session$(client, itemId, { lingerMs });
      const source = reopens ? stream.pipe(reopenWhenLost({ baseDelayMs: 5 })) : stream;
      const subscription: Subscription = source.subscribe({
        next: (snapshot) => "lease" in snapshot && leases.add(snapshot.lease),
        error: () => {},
      });
      if (stayMs > 0) await pause(stayMs);
      subscription.unsubscribe();
    });
    const expire = expireAtMs.map(async (ms) => {
      await pause(ms);
      library.expire(undefined);
      for (const lease of leases) library.expire(lease);
    });
    await Promise.all([...comeAndGo, ...expire]);
    await pause(Math.max(...planned.map(({ lingerMs }) => lingerMs)));
    await library.untilIdle();
    expect(simulator.openSessions).toEqual([]);
    sessions += library.called("downloadSession.create");
  });
  await assert(property, { numRuns: 60 });
}, 60_000);

afterAll(() => expect(sessions).toBeGreaterThan(60));
