import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { isSoak, StrictSubscriber } from "@carrel/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCarrel } from "../src/run-carrel.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { expectMirrored, itemOf, mirroredBucket } from "./mirrored-bucket.ts";
import type { MirroredBucket } from "./mirrored-bucket.ts";

const step = isSoak ? 1 : 7;
/** Of two parts, with the parts that the command line uses. */
const largeBytes = 12_000_000;

let store: Versitygw;

beforeAll(async () => {
  store = await startVersitygw();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

/** Changes, renames and removes items, as an administrator does. */
function change({ library }: MirroredBucket): void {
  library.item("changed").putFile({ name: "a.iso", sizeBytes: largeBytes, seed: "new a" });
  library.item("changed").putFile({ name: "b.iso", sizeBytes: 60_000, seed: "new b" });
  const { id } = library.item("renamed");
  library.item("renamed").remove();
  library.addItem({ ...itemOf("renamed", ["r.iso", "s.iso"]), id, name: "new-name" });
  library.item("gone").remove();
}

/** Checks that a file which is seen is one of the versions that there were, whole. */
async function expectWhole(mirrored: MirroredBucket, before: ReadonlyMap<string, Buffer>): Promise<void> {
  const known = new Map([...before].map(([path, bytes]) => [path, [bytes as Uint8Array]]));
  for (const item of mirrored.library.items) {
    for (const file of item.files) {
      const path = `${item.name}/${file.name}`;
      known.set(path, [...(known.get(path) ?? []), await file.bytes()]);
    }
  }
  const found = [...(await mirrored.files())];
  const torn = found.filter(([path, bytes]) => known.get(path)?.some((each) => bytes.equals(each)) !== true);
  expect(torn.map(([path]) => path)).toEqual([]);
}

interface KillableBucket {
  readonly mirrored: MirroredBucket;
  /** Runs `carrel mirror`, and kills it before or after that write to the store. Returns its exit code; `null` if it was killed. */
  readonly run: (flags: readonly string[], killAt: number) => Promise<number | null>;
}

/** A mirrored library whose next run can be killed at a write to the store: every other time once the store has carried it out. */
async function killableBucket(): Promise<KillableBucket> {
  const items = [
    itemOf("changed", ["a.iso", "b.iso"]),
    itemOf("renamed", ["r.iso", "s.iso"]),
    itemOf("gone", ["g.iso"]),
  ];
  let left = Infinity;
  let isOver = false;
  let child: ChildProcess | undefined;
  const mirrored = await mirroredBucket(store, items, async ({ method }) => {
    if (child === undefined || method === "GET" || method === "HEAD") return undefined;
    left -= 1;
    if (left >= 0) return undefined;
    if (child.kill("SIGKILL") && child.exitCode === null && child.signalCode === null) await once(child, "close");
    return isOver ? "drop-answer" : "drop-request";
  });
  return {
    mirrored,
    run: async (flags, killAt) => {
      const args = ["mirror", "Images", mirrored.bucket.address, ...flags];
      const { simulator, proxy } = mirrored;
      left = killAt;
      isOver = killAt % 2 === 1;
      const started = startCarrel({ simulator, store }, args, { AWS_ENDPOINT_URL: proxy.endpoint });
      child = started;
      started.stdout.resume();
      started.stderr.resume();
      const [code] = (await once(started, "close")) as [number | null];
      child = undefined;
      return code;
    },
  };
}

test(`mirror s3:// --delete that is killed at any write is repaired by the next run, every ${step}`, async () => {
  let kills = 0;
  for (let writes = 0; ; writes += step, kills += 1) {
    const { mirrored: bucket, run } = await killableBucket();
    await using mirrored = bucket;
    await mirrored.mirror();
    const before = await mirrored.files();
    change(mirrored);
    const code = await run(["--delete"], writes);
    await expectWhole(mirrored, before);
    expect(await run(["--delete"], Infinity)).toBe(0);
    await expectMirrored(mirrored, { sessions: "any" });
    if (code === 0) break;
  }
  expect(kills).toBeGreaterThan(1);
}, 600_000);

test(`mirror s3:// --publish that is killed at any write shows a subscriber only what is there, every ${step}`, async () => {
  let kills = 0;
  for (let writes = 1; ; writes += step, kills += 1) {
    const { mirrored: bucket, run } = await killableBucket();
    await using mirrored = bucket;
    const subscriber = new StrictSubscriber((href) => mirrored.bucket.read(decodeURIComponent(href)));
    await mirrored.mirror({ publish: true });
    await subscriber.sync();
    change(mirrored);
    const flags = ["--delete", "--publish"];
    const code = await run(flags, writes);
    await subscriber.sync();
    expect(await run(flags, Infinity)).toBe(0);
    await subscriber.sync();
    const names = [...subscriber.items.values()].map(({ name }) => name);
    expect(names.toSorted()).toEqual(["changed", "new-name"]);
    expect(await mirrored.leftovers()).toEqual([]);
    if (code === 0) break;
  }
  expect(kills).toBeGreaterThan(1);
}, 600_000);
