import { planMirror } from "@carrel/mirror/items";
import type { ItemToUpdate } from "@carrel/mirror/items";
import { vcenterSource } from "@carrel/mirror/source";
import { createClient, passwordAuth } from "@carrel/core";
import { S3Mirror } from "@carrel/s3";
import { until } from "@carrel/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Seen } from "../src/fault-proxy.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { startWorker } from "./item-worker.ts";
import type { ItemWorker } from "./item-worker.ts";
import { expectMirrored, itemOf, mirroredBucket } from "./mirrored-bucket.ts";
import type { MirroredBucket } from "./mirrored-bucket.ts";

const partBytes = 5_242_880;
/** Of four parts. */
const largeBytes = 20_000_000;
/** In the third part. */
const stallsAt = 13_000_000;

let store: Versitygw;

beforeAll(async () => {
  store = await startVersitygw();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

/** Plans, and returns the items that were handed over. */
async function plan(
  { bucket, simulator, library }: MirroredBucket,
  busy: readonly string[] = [],
): Promise<readonly ItemToUpdate[]> {
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
  await using place = new S3Mirror(bucket.address, bucket.options);
  const taken: ItemToUpdate[] = [];
  await planMirror(vcenterSource(client), library.id, place, {
    delete: true,
    onEvent: () => {},
    signal: new AbortController().signal,
    handOver: { busy: new Set(busy), take: async (_library, items) => void taken.push(...items) },
  });
  return taken;
}

/** @param endpoint - Of the store: directly, or through the proxy. */
function update({ bucket, library, simulator }: MirroredBucket, name: string, endpoint: string): ItemWorker {
  return startWorker({
    endpoint: simulator.url.href,
    credentials: simulator.credentials,
    library: { id: library.id, name: library.name },
    itemId: library.item(name).id,
    address: bucket.address,
    options: { ...bucket.options, endpoint },
  });
}

/** Starts a worker whose transfer stands still in the third part, after the first two have been recorded. */
async function stalledWorker(mirrored: MirroredBucket, name: string): Promise<ItemWorker> {
  mirrored.simulator.faults.add({ on: "transfer", kind: "stall", atByte: stallsAt });
  const worker = update(mirrored, name, store.endpoint);
  await until(async () => (await mirrored.uploadedBytes()) === 2 * partBytes);
  return worker;
}

/** Holds the parts that are sent through the proxy, until they may go on. */
function heldParts(): {
  readonly decide: NonNullable<Parameters<typeof mirroredBucket>[2]>;
  /** Resolves when one is being sent. */
  readonly sending: Promise<void>;
  readonly resume: () => void;
} {
  const sending = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const decide = async ({ kind }: { readonly kind: string }): Promise<undefined> => {
    if (kind !== "PUT part") return undefined;
    sending.resolve();
    await held.promise;
    return undefined;
  };
  return { decide, sending: sending.promise, resume: held.resolve };
}

test("updateOneItem in two processes updates two items of a bucket at the same time", async () => {
  await using mirrored = await mirroredBucket(store, [
    itemOf("debian", ["debian.iso", "readme.txt"], largeBytes),
    itemOf("ubuntu", ["a.vmdk", "b.vmdk"], largeBytes),
  ]);
  expect((await plan(mirrored)).map(({ item, action }) => [item, action])).toEqual([
    ["debian", "new"],
    ["ubuntu", "new"],
  ]);
  await using stalled = await stalledWorker(mirrored, "debian");
  await using other = update(mirrored, "ubuntu", mirrored.proxy.endpoint);
  // While the other item is in mid-file, and while a plan is made.
  expect(await other.result).toMatchObject({ action: "new", receivedBytes: 2 * largeBytes });
  expect(await plan(mirrored, [mirrored.library.item("debian").id])).toEqual([]);
  // It lists the directory of its item and the uploads, and not the mirror.
  const lists = mirrored.proxy.seen.filter(({ query }) => query.get("list-type") === "2");
  const prefixes = new Set(lists.map(({ query }) => query.get("prefix") ?? ""));
  expect([...prefixes].toSorted()).toEqual([
    "lab/images/",
    "lab/images/.carrel-mirror.incoming/",
    "lab/images/ubuntu/",
  ]);
  stalled.signal("SIGKILL");
  expect(await stalled.result).toBeUndefined();
  expect(await update(mirrored, "debian", store.endpoint).result).toMatchObject({ action: "new" });
  await expectMirrored(mirrored, { sessions: 1 });
  expect(await update(mirrored, "debian", store.endpoint).result).toEqual({ action: "none", receivedBytes: 0 });
  expect(await plan(mirrored)).toEqual([]);
});

test("updateOneItem refuses an item of a bucket that a living process updates", async () => {
  const { decide, sending, resume } = heldParts();
  await using mirrored = await mirroredBucket(store, [itemOf("debian", ["debian.iso"], largeBytes)], decide);
  await plan(mirrored);
  await using first = update(mirrored, "debian", mirrored.proxy.endpoint);
  await sending;
  expect(await update(mirrored, "debian", store.endpoint).result).toEqual({ problem: "locked" });
  resume();
  expect(await first.result).toEqual({ action: "new", receivedBytes: largeBytes });
  await expectMirrored(mirrored);
});

test("updateOneItem resumes the upload of a process that was killed, and fetches at most one part again", async () => {
  await using mirrored = await mirroredBucket(store, [itemOf("debian", ["debian.iso"], largeBytes)]);
  await plan(mirrored);
  await using killed = await stalledWorker(mirrored, "debian");
  killed.signal("SIGKILL");
  expect(await killed.result).toBeUndefined();
  expect(await update(mirrored, "debian", store.endpoint).result).toEqual({
    action: "new",
    receivedBytes: largeBytes - 2 * partBytes,
  });
  const transfers = mirrored.simulator.journal.filter(({ kind }) => kind === "transfer");
  expect(transfers.map(({ requestHeaders }) => requestHeaders["range"])).toEqual([
    undefined,
    `bytes=${2 * partBytes}-`,
  ]);
  const sent = transfers.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  expect(sent).toBeGreaterThan(largeBytes);
  expect(sent - largeBytes).toBeLessThanOrEqual(partBytes);
  // The one of the process that was killed lasts until it expires.
  await expectMirrored(mirrored, { sessions: 1 });
});

test.concurrent("updateOneItem stops by itself where another process has taken its item, and nothing of it lands", async () => {
  const { decide, sending, resume } = heldParts();
  await using mirrored = await mirroredBucket(store, [itemOf("debian", ["debian.iso"], largeBytes)], decide);
  await plan(mirrored);
  await using loser = await stalledWorker(mirrored, "debian");
  loser.signal("SIGSTOP");
  await using winner = update(mirrored, "debian", mirrored.proxy.endpoint);
  await winner.happened("waiting");
  // After 20 seconds in which the record of the lock did not change, once, and not again for the upload.
  await sending;
  loser.signal("SIGCONT");
  expect(await loser.result).toEqual({ problem: "lock-lost" });
  expect(await mirrored.files()).toEqual(new Map());
  resume();
  expect(await winner.result).toEqual({ action: "new", receivedBytes: largeBytes - 2 * partBytes });
  await expectMirrored(mirrored);
});

test.concurrent("updateOneItem that is suspended in its last write replaces nothing of the next process", async () => {
  const writing = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const isWrite = ({ method, path }: Seen): boolean => method === "PUT" && path.endsWith("/debian/debian.iso");
  await using mirrored = await mirroredBucket(store, [itemOf("debian", ["debian.iso"])], async (seen) => {
    if (!isWrite(seen)) return undefined;
    writing.resolve();
    await held.promise;
    return undefined;
  });
  await plan(mirrored);
  expect(await update(mirrored, "debian", store.endpoint).result).toMatchObject({ action: "new" });
  const item = mirrored.library.item("debian");
  item.putFile({ name: "debian.iso", sizeBytes: 60_000, seed: "second" });
  await plan(mirrored);
  await using loser = update(mirrored, "debian", mirrored.proxy.endpoint);
  await writing.promise;
  loser.signal("SIGSTOP");
  item.putFile({ name: "debian.iso", sizeBytes: 60_000, seed: "third" });
  expect(await update(mirrored, "debian", store.endpoint).result).toEqual({
    action: "incomplete",
    receivedBytes: 60_000,
  });
  held.resolve();
  loser.signal("SIGCONT");
  expect(await loser.result).toEqual({ problem: "lock-lost" });
  await expectMirrored(mirrored);
});
