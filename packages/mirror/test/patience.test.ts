import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { eagerClock, tempDirectory } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { mirrorLibrary } from "../src/index.ts";
import type { MirrorEvent } from "../src/index.ts";
import { expectMirrored, imageOf } from "./support/fixture.ts";

const libraries = [
  {
    id: "library-1",
    name: "Images",
    items: ["debian", "fedora", "photon", "ubuntu"].map((name) => ({
      ...imageOf(name, `${name}.iso`),
      id: `item-${name}`,
    })),
  },
];

function clientOf(simulator: Simulator): CarrelClient {
  return createClient({
    endpoint: simulator.url,
    auth: passwordAuth(simulator.credentials),
    retry: { limit: 0 },
  });
}

test("mirrorLibrary overcomes outages of its own calls, and says so", async () => {
  await using simulator = await startSimulator({ libraries });
  await using directory = await tempDirectory();
  await using client = clientOf(simulator);
  simulator.faults.add({ on: "item.list", kind: "status", status: 503, times: 3 });
  simulator.faults.add({ on: "item.get", kind: "status", status: 503, times: 20 });
  await using task = mirrorLibrary(client, "library-1", directory.path, {
    retryForMs: 600_000,
    clock: eagerClock(),
  });
  const events: MirrorEvent[] = [];
  for await (const event of task) events.push(event);
  expect(events.find(({ type }) => type === "retrying")).toMatchObject({ status: 503, failures: 1 });
  await expectMirrored(directory.path, simulator);
});

test("mirrorLibrary fails at once, with all its patience, where the server never answers", async () => {
  const simulator = await startSimulator({ libraries });
  await using directory = await tempDirectory();
  await using client = clientOf(simulator);
  await simulator.close();
  const clock = eagerClock();
  await expect(
    mirrorLibrary(client, "library-1", directory.path, { retryForMs: 600_000, clock }).report,
  ).rejects.toMatchObject({ code: "TRANSPORT" });
  expect(clock.now()).toBe(0);
});

test("mirrorLibrary overcomes a restart of the server in the middle of its work", async () => {
  let simulator = await startSimulator({ libraries });
  await using directory = await tempDirectory();
  await using client = clientOf(simulator);
  const options = { retryForMs: 600_000, clock: eagerClock(), concurrency: 1 };
  await using task = mirrorLibrary(client, "library-1", directory.path, options);
  let phase = "up";
  for await (const event of task) {
    if (phase === "up" && event.type === "started" && event.item === "fedora") {
      phase = "down";
      await simulator.close();
    }
    const { failures = 0 } = (event.type === "download" ? event.event : event) as { readonly failures?: number };
    if (phase === "down" && failures > 8) {
      phase = "up again";
      simulator = await startSimulator({ libraries, port: Number(simulator.url.port) });
    }
  }
  expect(phase).toBe("up again");
  await expectMirrored(directory.path, simulator);
  await client.close();
  await simulator.close();
});

test("mirrorLibrary waits once for a server that is gone for good, and not again for each item", async () => {
  const simulator = await startSimulator({ libraries });
  await using directory = await tempDirectory();
  await using client = clientOf(simulator);
  const clock = eagerClock();
  const options = { retryForMs: 600_000, clock, concurrency: 1 };
  await using task = mirrorLibrary(client, "library-1", directory.path, options);
  const failure = task.report.then(
    () => undefined,
    (error: unknown) => error,
  );
  const started: string[] = [];
  try {
    for await (const event of task) {
      if (event.type !== "started") continue;
      started.push(event.item);
      if (event.item === "fedora") await simulator.close();
    }
  } catch {
    // The same error as that of the report.
  }
  expect(await failure).toMatchObject({ code: "TRANSPORT" });
  expect(started.length).toBeLessThan(4);
  expect(clock.now()).toBeLessThan(1_200_000);
});
