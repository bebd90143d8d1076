import { once } from "node:events";
import process from "node:process";
import { MirrorError } from "@carrel/mirror";
import type { MirrorProblem } from "@carrel/mirror";
import { S3Inspection } from "@carrel/s3";
import { isSoak, StrictSubscriber, until } from "@carrel/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCarrel, startCarrel } from "../src/run-carrel.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { expectMirrored, itemOf, mirroredBucket } from "./mirrored-bucket.ts";

let store: Versitygw;

beforeAll(async () => {
  store = await startVersitygw();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

async function problemOf(run: Promise<unknown>): Promise<MirrorProblem | undefined> {
  const error: unknown = await run.catch((reason: unknown) => reason);
  if (error instanceof MirrorError) return error.problem;
  throw new Error("It did not fail with a MirrorError.", { cause: error });
}

test("a mirror in a bucket holds the library, and a repetition transfers nothing and asks the store a few times", async () => {
  const items = [
    itemOf("debian", ["debian.iso"], 12_000_000),
    itemOf("ubuntu", ["a.vmdk", "b.vmdk"]),
    itemOf("empty", []),
  ];
  await using mirrored = await mirroredBucket(store, items);
  expect((await mirrored.mirror()).counts).toMatchObject({ inPlace: 3, new: 3 });
  await expectMirrored(mirrored);
  mirrored.requests();
  expect((await mirrored.mirror()).counts).toMatchObject({ inPlace: 3, unchanged: 3, receivedBytes: 0 });
  // A page of the list, the records of three items and of the mirror, and the lock: none for each file.
  expect(mirrored.requests()).toEqual({ "GET object": 8, "PUT object": 2, "DELETE object": 1 });
});

test("a mirror in a bucket replaces the files of an item one after the other, when all of them have arrived", async () => {
  await using mirrored = await mirroredBucket(store, [
    itemOf("ubuntu", ["a.vmdk", "b.vmdk", "c.vmdk"]),
    itemOf("debian", ["x.iso"]),
  ]);
  await mirrored.mirror();
  const item = mirrored.library.item("ubuntu");
  item.putFile({ name: "a.vmdk", sizeBytes: 12_000_000, seed: "another" });
  item.putFile({ name: "b.vmdk", sizeBytes: 11_000_000, seed: "another" });
  const from = mirrored.proxy.seen.length;
  const { counts, mirrored: changed } = await mirrored.mirror({ delete: true });
  expect(counts).toMatchObject({ inPlace: 2, changed: 1, unchanged: 1 });
  expect(changed.flatMap(({ files }) => files.map(({ name }) => name)).toSorted()).toEqual([
    "a.vmdk",
    "b.vmdk",
    "c.vmdk",
  ]);
  await expectMirrored(mirrored);
  const writes = mirrored.proxy.seen.slice(from).filter(({ method }) => method !== "GET" && method !== "HEAD");
  const steps = writes.flatMap(({ kind, path }) => {
    if (kind === "PUT part") return ["part"];
    if (kind === "POST complete") return [`complete ${path.slice(path.lastIndexOf("/") + 1)}`];
    return path.includes(".carrel-mirror.items/") ? ["record"] : [];
  });
  const last = steps.lastIndexOf("part");
  expect(new Set(steps.slice(0, last))).toEqual(new Set(["part"]));
  expect(steps.slice(last + 1)).toEqual(["record", "complete a.vmdk", "complete b.vmdk", "record"]);
});

test("a mirror in a bucket copies what was renamed within the store, also where two items swap their names", async () => {
  const items = [
    itemOf("one", ["1.iso", "same.iso"]),
    itemOf("two", ["2.iso", "same.iso"]),
    itemOf("three", ["3.iso"]),
  ];
  await using mirrored = await mirroredBucket(store, items);
  await mirrored.mirror();
  const names = { one: "two", two: "one", three: "four" } as const;
  const seeds = items.map((item) => {
    const { id } = mirrored.library.item(item.name);
    mirrored.library.item(item.name).remove();
    return { ...item, id, name: names[item.name as keyof typeof names] };
  });
  for (const seed of seeds) mirrored.library.addItem(seed);
  const moved: unknown[] = [];
  const { counts } = await mirrored.mirror({}, (event) => {
    if (event.type === "moved") moved.push([event.from, event.to]);
  });
  expect(counts).toMatchObject({ inPlace: 3, renamed: 3, receivedBytes: 0 });
  expect(moved).toHaveLength(3);
  await expectMirrored(mirrored);
});

test("a mirror in a bucket deletes what is gone with delete only, and no more than maxDelete", async () => {
  await using mirrored = await mirroredBucket(store, [
    itemOf("one", ["1.iso"]),
    itemOf("two", ["2.iso"]),
    itemOf("three", ["3.iso", "4.iso"]),
  ]);
  await mirrored.mirror();
  await mirrored.bucket.put("mine/notes.txt", Buffer.from("Not the mirror's"));
  mirrored.library.item("one").remove();
  mirrored.library.item("two").remove();
  mirrored.library.item("three").removeFile("4.iso");
  expect((await mirrored.mirror()).counts).toMatchObject({ goneAndKept: 2, leftoversKept: 1, deleted: 0 });
  expect(await problemOf(mirrored.mirror({ delete: true, maxDelete: 1 }))).toBe("too-many-deletions");
  const plan = await mirrored.mirror({ delete: true, dryRun: true });
  expect(plan.plan.deletions?.filter(({ action }) => action === "delete")).toHaveLength(3);
  expect([...(await mirrored.files()).keys()]).toHaveLength(5);
  expect((await mirrored.mirror({ delete: true, maxDelete: 2 })).counts).toMatchObject({
    deleted: 2,
    leftoversDeleted: 1,
  });
  expect([...(await mirrored.files()).keys()]).toEqual(["mine/notes.txt", "three/3.iso"]);
  expect(await mirrored.leftovers()).toEqual([]);
});

test("a mirror in a bucket with verify reads the objects back, and downloads one that is damaged", async () => {
  await using mirrored = await mirroredBucket(store, [
    itemOf("debian", ["debian.iso", "notes.txt"]),
    itemOf("ubuntu", ["a.vmdk"]),
  ]);
  await mirrored.mirror();
  await mirrored.bucket.put("debian/debian.iso", Buffer.alloc(60_000));
  expect((await mirrored.mirror()).counts).toMatchObject({ unchanged: 2 });
  const differing: string[] = [];
  const { counts, verified } = await mirrored.mirror({ verify: true }, (event) => {
    if (event.type === "differs") differing.push(event.path);
  });
  expect(verified).toEqual({ files: 3, bytes: 180_000, differing: 1 });
  expect(differing).toEqual([`${mirrored.bucket.address}/debian/debian.iso`]);
  expect(counts).toMatchObject({ unchanged: 1, incomplete: 1 });
  await expectMirrored(mirrored);
});

test("a mirror in a bucket does not replace an object of somebody else, nor share a prefix with another library", async () => {
  await using mirrored = await mirroredBucket(store, [itemOf("debian", ["debian.iso"])]);
  await mirrored.bucket.put("debian/debian.iso", Buffer.from("mine"));
  expect(await problemOf(mirrored.mirror())).toBe("incomplete");
  expect((await mirrored.files()).get("debian/debian.iso")?.toString()).toBe("mine");
  expect(await mirrored.leftovers()).toEqual([]);
  const { bucket, simulator } = mirrored;
  simulator.inventory.addLibrary({ name: "Others", items: [itemOf("fedora", ["f.iso"])] });
  const { exitCode, stderr } = await runCarrel({ simulator, store }, ["mirror", "Others", bucket.address]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`carrel: "${bucket.address}" mirrors another library: "Images" (${mirrored.library.id})\n`);
  expect(await mirrored.leftovers()).toEqual([]);
});

test("a second run of a mirror in a bucket ends with the name of the first, which is not disturbed", async () => {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await using mirrored = await mirroredBucket(store, [itemOf("debian", ["debian.iso"])], async ({ method, path }) => {
    if (method !== "PUT" || !path.endsWith("/debian.iso")) return undefined;
    arrived.resolve();
    await released.promise;
    return undefined;
  });
  const first = mirrored.mirror();
  await arrived.promise;
  const error: unknown = await mirrored.mirror().catch((reason: unknown) => reason);
  released.resolve();
  expect(error).toMatchObject({ problem: "locked", path: `${mirrored.bucket.address}/.carrel-mirror.lock` });
  expect(error).toMatchObject({ holder: expect.stringContaining(`pid ${process.pid}`) });
  expect((await first).counts).toMatchObject({ inPlace: 1 });
  await expectMirrored(mirrored);
});

test("a run that is refused by the store before any of its writes leaves what the next run completes", async () => {
  const items = [
    itemOf("changed", ["a.iso", "b.iso"]),
    itemOf("renamed", ["r.iso", "s.iso"]),
    itemOf("gone", ["g.iso"]),
  ];
  let left = Infinity;
  const isWrite = (method: string): boolean => method === "PUT" || method === "DELETE" || method === "POST";
  let refusals = 0;
  for (let writes = 0; ; writes += isSoak ? 1 : 3) {
    await using mirrored = await mirroredBucket(store, items, ({ method }) => {
      if (isWrite(method)) left -= 1;
      return left < 0 ? { status: 403, code: "AccessDenied" } : undefined;
    });
    await mirrored.mirror();
    const { id } = mirrored.library.item("renamed");
    mirrored.library.item("renamed").remove();
    mirrored.library.addItem({ ...itemOf("renamed", ["r.iso", "s.iso"]), id, name: "new-name" });
    mirrored.library.item("gone").remove();
    for (const name of ["a.iso", "b.iso"])
      mirrored.library.item("changed").putFile({ name, sizeBytes: 60_000, seed: `new ${name}` });
    left = writes;
    const failure = await mirrored.mirror({ delete: true }).then(
      () => undefined,
      (error: unknown) => error,
    );
    left = Infinity;
    if (failure !== undefined) refusals += 1;
    // A process that is dead does not hold its lock; this one is alive, and could not give it back.
    await mirrored.bucket.remove(".carrel-mirror.lock");
    await mirrored.mirror({ delete: true });
    await expectMirrored(mirrored);
    if (failure === undefined) break;
  }
  expect(refusals).toBeGreaterThan(3);
}, 120_000);

test.each(["SIGKILL", "SIGINT"] as const)(
  "mirror s3:// that ends by %s in the middle of a file is resumed",
  async (signal) => {
    await using mirrored = await mirroredBucket(store, [
      itemOf("debian", ["debian.iso"], 40_000_000),
      itemOf("ubuntu", ["a.vmdk"]),
    ]);
    const { bucket, simulator } = mirrored;
    const args = ["mirror", "Images", bucket.address, "--json"];
    const child = startCarrel({ simulator, store }, [...args, "--limit-rate", "10M"]);
    const ended = once(child, "close");
    child.stderr.resume();
    child.stdout.resume();
    await until(async () => {
      if (child.exitCode !== null) throw new Error("It ended before it could be killed.");
      return (await mirrored.uploadedBytes()) >= 16_777_216;
    });
    child.kill(signal);
    await ended;
    expect((await mirrored.files()).has("debian/debian.iso")).toBe(false);
    // Doctor knows whose it is.
    await using inspection = new S3Inspection(bucket.address, bucket.options);
    const { ours, others } = await inspection.incompleteUploads(AbortSignal.timeout(20_000));
    expect([ours.map(({ location }) => location), others]).toEqual([[`${bucket.address}/debian/debian.iso`], 0]);
    const { exitCode, stdout } = await runCarrel({ simulator, store }, args);
    expect(exitCode).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const { receivedBytes } = lines.find(({ type, item }) => type === "mirrored" && item === "debian") ?? {};
    // All parts of 8 MiB but those that were on their way, and the last one.
    expect(receivedBytes).toBeLessThanOrEqual(40_000_000 - 8_388_608);
    expect(lines.find(({ file }) => file === "debian.iso")).toMatchObject({
      path: `${bucket.address}/debian/debian.iso`,
    });
    // The server ends that of a dead process when it is not kept alive.
    await expectMirrored(mirrored, { sessions: signal === "SIGKILL" ? 1 : 0 });
  },
);

test("mirror s3:// --publish keeps what subscribers may be reading, and a strict subscriber follows", async () => {
  await using mirrored = await mirroredBucket(store, [
    itemOf("debian", ["d.iso", "n.txt"]),
    itemOf("ubuntu", ["a.vmdk"]),
  ]);
  const { library } = mirrored;
  const subscriber = new StrictSubscriber((href) => mirrored.bucket.read(decodeURIComponent(href)));
  const sync = async (deletes = false): Promise<boolean> => {
    await mirrored.mirror({ publish: true, delete: deletes, deleteAfterMs: 0 });
    return await subscriber.sync();
  };
  expect(await sync()).toBe(true);
  expect(await sync()).toBe(false);
  const { bucket, simulator } = mirrored;
  const { exitCode, stderr } = await runCarrel({ simulator, store }, ["publish", bucket.address]);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining('is a mirror of library "Images" that is published already'),
  ]);
  library.item("debian").putFile({ name: "d.iso", sizeBytes: 70_000, seed: "another" });
  expect(await sync()).toBe(true);
  expect([...(await mirrored.files()).keys()]).toContain("debian/d.iso");
  const { id } = library.item("ubuntu");
  library.item("ubuntu").remove();
  library.addItem({ ...itemOf("ubuntu", ["a.vmdk"]), id, name: "noble" });
  expect(await sync()).toBe(true);
  library.item("debian").remove();
  expect(await sync(true)).toBe(true);
  expect(await sync(true)).toBe(false);
  expect([...subscriber.items.values()].map(({ name }) => name)).toEqual(["noble"]);
  expect(await mirrored.leftovers()).toEqual([]);
  const names = [...(await mirrored.files()).keys()];
  expect(names.filter((name) => name.endsWith(".vmdk") || name.endsWith(".iso"))).toHaveLength(1);
});

test("mirror s3:// says in one sentence what is wrong with the store or with an option, and status how the mirror stands", async () => {
  await using mirrored = await mirroredBucket(store, [itemOf("debian", ["debian.iso"])]);
  const { bucket, simulator } = mirrored;
  const run = (...args: string[]) => runCarrel({ simulator, store }, ["mirror", "Images", ...args]);
  const missing = await run("s3://no-such-bucket/lab");
  expect([missing.exitCode, missing.stderr]).toEqual([
    1,
    expect.stringContaining('Cannot use "s3://no-such-bucket": the bucket does not exist (NoSuchBucket'),
  ]);
  const backup = await run(bucket.address, "--backup-dir", "/var/tmp/before");
  expect([backup.exitCode, backup.stderr]).toEqual([
    2,
    expect.stringContaining("Cannot combine --backup-dir with s3://"),
  ]);
  const flag = await run("/nonexistent/mirror", "--endpoint-url", store.endpoint);
  expect([flag.exitCode, flag.stderr]).toEqual([2, expect.stringContaining("--endpoint-url has no effect here")]);
  expect((await mirrored.bucket.visible()).size).toBe(0);
  const status = (): ReturnType<typeof runCarrel> => runCarrel({ simulator, store }, ["status", bucket.address]);
  expect(await status()).toMatchObject({ exitCode: 2, stdout: expect.stringContaining("is not a mirror") as string });
  const dry = await run(bucket.address, "--dry-run");
  expect([dry.exitCode, dry.stdout]).toEqual([1, expect.stringContaining("debian")]);
  expect((await mirrored.bucket.visible()).size).toBe(0);
  const { exitCode, stdout } = await run(bucket.address);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("1 of 1 item in place: 1 new")]);
  expect(await status()).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^OK: Images: 1 item /u) as string,
  });
});
