import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { sha256, StrictSubscriber } from "@carrel/test-kit";
import { contentOf } from "@carrel/sink-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFaultProxy } from "../src/fault-proxy.ts";
import { runCarrel, startCarrel } from "../src/run-carrel.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { createPlace } from "./s3-place.ts";
import type { BucketPlace } from "./s3-place.ts";

const disk = contentOf("disk", 12_000_000);
let simulator: Simulator;
let store: Versitygw;

beforeAll(async () => {
  const files = [{ name: "disk.iso", bytes: disk }];
  const items = [{ name: "ubuntu", type: "iso", files }];
  [simulator, store] = await Promise.all([
    startSimulator({ libraries: [{ name: "Images", items }] }),
    startVersitygw(),
  ]);
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

function subscriberOf(bucket: BucketPlace): StrictSubscriber {
  return new StrictSubscriber(async (href) => (await bucket.visible()).get(decodeURIComponent(href)));
}

test("publish s3:// makes what get put there a library, says what changed, and reads no file", async () => {
  await using bucket = await createPlace(store);
  const got = await runCarrel({ simulator, store }, ["get", "Images/*", "-o", bucket.address]);
  expect(got.exitCode).toBe(0);
  await bucket.put("photon 5/größe.txt", Buffer.from("all of it"));
  await bucket.put("readme.txt", Buffer.from("x"));
  await bucket.put("empty/", Buffer.alloc(0));
  await using proxy = await startFaultProxy(store.endpoint, () => undefined);
  const through = { AWS_ENDPOINT_URL: proxy.endpoint };
  const publish = (...more: readonly string[]): ReturnType<typeof runCarrel> =>
    runCarrel({ simulator, store }, ["publish", bucket.address, ...more], through);

  const plan = await publish("--dry-run");
  expect(plan.stdout).toContain('"images": 2 items, 2 added, would be version 1\n');
  expect((await bucket.visible()).has("lib.json")).toBe(false);

  const first = await publish("--name", "Images");
  expect(first).toEqual({
    exitCode: 0,
    stdout: 'added    version 1    photon 5\nadded    version 1    ubuntu\n"Images": 2 items, 2 added, now version 1\n',
    stderr: "Warning: readme.txt is not published: it is not in the directory of an item\n",
  });
  const subscriber = subscriberOf(bucket);
  expect(await subscriber.sync()).toBe(true);
  const items = (await bucket.visible()).get("items.json")?.toString() ?? "";
  expect(items).toContain(`"etag": "${sha256(disk)}"`);
  // What an upload of ours states, or its record, is not computed again.
  const reads = proxy.seen.filter(({ kind, path }) => kind === "GET object" && path.endsWith("disk.iso"));
  expect(reads).toEqual([]);

  const again = await publish();
  expect(again.stdout).toBe('"Images": 2 items, unchanged, version 1\n');
  expect(await subscriber.sync()).toBe(false);
  expect(await bucket.leftovers()).toEqual([]);

  await bucket.put("ubuntu/disk.iso", Buffer.from("other"));
  expect((await publish()).stdout).toBe('changed  version 2    ubuntu\n"Images": 2 items, 1 changed, now version 2\n');
  expect(await subscriber.sync()).toBe(true);
});

test("publish s3:// refuses an empty prefix, a missing bucket, and what another process publishes", async () => {
  await using bucket = await createPlace(store);
  const empty = await runCarrel({ simulator, store }, ["publish", bucket.address]);
  expect(empty).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`No item found in ${bucket.address}\n`) as string,
  });
  const missing = await runCarrel({ simulator, store }, ["publish", "s3://no-such-bucket/lab"]);
  expect(missing).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("the bucket does not exist") as string,
  });

  await bucket.put("ubuntu/disk.iso", Buffer.from("iso"));
  let isHeld = (): void => {};
  const held = new Promise<void>((resolve) => (isHeld = resolve));
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await using proxy = await startFaultProxy(store.endpoint, async ({ kind, path }) => {
    if (kind !== "PUT object" || !path.endsWith("lib.json")) return undefined;
    isHeld();
    await released;
    return undefined;
  });
  const args = ["publish", bucket.address];
  const one = runCarrel({ simulator, store }, args, { AWS_ENDPOINT_URL: proxy.endpoint });
  await held;
  const other = await runCarrel({ simulator, store }, args);
  expect(other).toMatchObject({ exitCode: 1, stdout: "" });
  expect(other.stderr).toContain(`"${bucket.address}" is being published by another process (`);
  release();
  expect(await one).toMatchObject({ exitCode: 0 });
});

test("publish s3:// that is killed before its last write is finished by the next run", async () => {
  await using bucket = await createPlace(store);
  await bucket.put("ubuntu/disk.iso", Buffer.from("iso"));
  let kill = (): void => {};
  await using proxy = await startFaultProxy(store.endpoint, async ({ kind, path }) => {
    if (kind !== "PUT object" || !path.endsWith("lib.json")) return undefined;
    kill();
    return "drop-request";
  });
  const child = startCarrel({ simulator, store }, ["publish", bucket.address], { AWS_ENDPOINT_URL: proxy.endpoint });
  child.stdout.resume();
  child.stderr.resume();
  kill = () => child.kill("SIGKILL");
  await new Promise((resolve) => child.once("close", resolve));
  expect((await bucket.visible()).has("lib.json")).toBe(false);
  const next = await runCarrel({ simulator, store }, ["publish", bucket.address]);
  expect([next.exitCode, next.stderr]).toEqual([0, ""]);
  expect(await subscriberOf(bucket).sync()).toBe(true);
  expect((await bucket.visible()).has(".carrel-publishing.json")).toBe(false);
});
