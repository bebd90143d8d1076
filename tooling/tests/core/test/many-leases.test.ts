import { createClient, passwordAuth } from "@carrel/core";
import { startSimulator, virtualClock } from "@carrel/simulator";
import { tries } from "@carrel/test-kit";
import { expect, test } from "vitest";

const count = tries(100, 300);

test("many leases renew for ten virtual minutes: spread, none late, and leave nothing open", async () => {
  const clock = virtualClock();
  await using simulator = await startSimulator({
    clock,
    libraries: [{ name: "images", items: [{ name: "one", files: [{ name: "a.txt", text: "a" }] }] }],
  });
  const perSecond: number[] = [];
  {
    await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), clock });
    const requests = { inFlight: 0 };
    let renewed = 0;
    client.onDiagnostic((event) => {
      if (event.type === "request") requests.inFlight += 1;
      if (event.type === "response" || event.type === "failure") requests.inFlight -= 1;
      if (event.type === "response" && event.operation === "downloadSession.keepAlive") renewed += 1;
    });
    const [itemId = ""] = await client.item.find({ name: "one" });
    const leases = await Promise.all(Array.from({ length: count }, () => client.lease(itemId)));
    for (let second = 0; second < 600; second++) {
      const before = renewed;
      await clock.advance(1_000);
      while (requests.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
      perSecond.push(renewed - before);
    }
    for (const lease of leases)
      expect(lease.getSnapshot()).toMatchObject({ phase: "active", renewals: expect.closeTo(6, 0.5) as number });
    expect(simulator.openSessions).toHaveLength(count);
  }
  // All were opened at once; without jitter they would all renew in the same second.
  expect(Math.max(...perSecond)).toBeLessThan(count / 2);
  expect(simulator.openSessions).toEqual([]);
  expect(simulator.openApiSessions).toEqual([]);
  expect(clock.pending).toBe(0);
}, 120_000);
