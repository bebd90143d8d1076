import { createClient, passwordAuth } from "@carrel/core";
import type { MirrorEvent, MirrorOptions, MirrorReport } from "@carrel/mirror";
import { mirrorFrom, vcenterSource } from "@carrel/mirror/source";
import { S3Mirror } from "@carrel/s3";
import { startSimulator } from "@carrel/simulator";
import type { InventoryLibrary, ItemSeed, Simulator } from "@carrel/simulator";
import { expect } from "vitest";
import { startFaultProxy } from "../src/fault-proxy.ts";
import type { FaultProxy } from "../src/fault-proxy.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { createPlace } from "./s3-place.ts";
import type { BucketPlace } from "./s3-place.ts";

/** A library that is mirrored to a bucket, with every request to the store seen. */
export interface MirroredBucket extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly library: InventoryLibrary;
  readonly bucket: BucketPlace;
  readonly proxy: FaultProxy;
  /** Mirrors the library `Images`. */
  mirror(options?: MirrorOptions, onEvent?: (event: MirrorEvent) => void): Promise<MirrorReport>;
  /** Returns what a reader sees: the files of items, by their paths. */
  files(): Promise<ReadonlyMap<string, Buffer>>;
  /** Returns the methods and kinds of the requests since the last call, by how many there were. */
  requests(): Readonly<Record<string, number>>;
  /** Returns how many bytes are recorded of uploads that are not completed. */
  uploadedBytes(): Promise<number>;
  /** Returns what no run may leave: a lock, uploads, and records of them. */
  leftovers(): Promise<readonly string[]>;
}

/** An item with files of this machine's making, large enough for several parts where that is said. */
export function itemOf(name: string, files: readonly string[], sizeBytes: number = 60_000): ItemSeed {
  return { name, type: "other", files: files.map((file) => ({ name: file, sizeBytes, seed: `${name}/${file}` })) };
}

/** Starts a simulator with a library, and makes a bucket for its mirror. */
export async function mirroredBucket(
  store: Versitygw,
  items: readonly ItemSeed[],
  decide: Parameters<typeof startFaultProxy>[1] = () => undefined,
): Promise<MirroredBucket> {
  const simulator = await startSimulator({ libraries: [{ name: "Images", items }], report: { itemChecksum: true } });
  const bucket = await createPlace(store);
  const proxy = await startFaultProxy(store.endpoint, decide);
  const client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
  const { id: libraryId } = simulator.inventory.library("Images");
  let counted = 0;
  return {
    simulator,
    library: simulator.inventory.library("Images"),
    bucket,
    proxy,
    async mirror(options = {}, onEvent = () => {}) {
      await using place = new S3Mirror(bucket.address, { ...bucket.options, endpoint: proxy.endpoint });
      await using task = mirrorFrom(vcenterSource(client), libraryId, place, options);
      for await (const event of task) onEvent(event);
      return await task.report;
    },
    async files() {
      const visible = await bucket.visible();
      return new Map([...visible].filter(([path]) => !path.startsWith(".carrel-mirror")));
    },
    requests() {
      const counts: Record<string, number> = {};
      for (const { kind } of proxy.seen.slice(counted)) counts[kind] = (counts[kind] ?? 0) + 1;
      counted = proxy.seen.length;
      return counts;
    },
    async uploadedBytes() {
      const records = [...(await bucket.visible())].filter(([path]) => path.includes(".incoming/"));
      const bytes = records.map(([, text]) => (JSON.parse(text.toString()) as { readonly bytes: number }).bytes);
      return bytes.reduce((sum, each) => sum + each, 0);
    },
    async leftovers() {
      const paths = [...(await bucket.visible()).keys()];
      const records = paths.filter((path) => path.endsWith(".lock") || path.includes(".incoming/"));
      return [...records, ...(await bucket.leftovers())];
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await proxy[Symbol.asyncDispose]();
      await bucket[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

/** Checks that a reader of the bucket sees the library byte for byte, and that nothing else is left of any run. */
export async function expectMirrored(
  mirrored: MirroredBucket,
  { sessions = 0 }: { readonly sessions?: number | "any" } = {},
): Promise<void> {
  const expected = new Map<string, Uint8Array>();
  for (const { files, name } of mirrored.library.items)
    for (const file of files) expected.set(`${name}/${file.name}`, await file.bytes());
  const found = await mirrored.files();
  expect([...found.keys()]).toEqual([...expected.keys()].toSorted());
  expect(
    [...expected].filter(([path, bytes]) => found.get(path)?.equals(bytes) !== true).map(([path]) => path),
  ).toEqual([]);
  expect(await mirrored.leftovers()).toEqual([]);
  if (sessions !== "any") expect(mirrored.simulator.openSessions).toHaveLength(sessions);
}
