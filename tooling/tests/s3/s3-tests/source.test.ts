import { readFile } from "node:fs/promises";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { sha256, tempDirectory } from "@carrel/test-kit";
import { contentOf } from "@carrel/sink-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFaultProxy } from "../src/fault-proxy.ts";
import { runCarrel } from "../src/run-carrel.ts";
import type { CarrelRun } from "../src/run-carrel.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { createPlace } from "./s3-place.ts";
import type { BucketPlace } from "./s3-place.ts";

const disk = contentOf("disk", 12_000_000);
let simulator: Simulator;
let store: Versitygw;

beforeAll(async () => {
  [simulator, store] = await Promise.all([startSimulator({ libraries: [] }), startVersitygw()]);
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

function carrel(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<CarrelRun> {
  return runCarrel({ simulator, store }, args, settings);
}

async function publishedPlace(prefix?: string): Promise<BucketPlace> {
  const bucket = await createPlace(store, prefix);
  await bucket.put("ubuntu 26/disk.iso", disk);
  await bucket.put("ubuntu 26/größe.txt", Buffer.from("all of it"));
  await bucket.put("debian/debian.iso", Buffer.from("debian"));
  const { exitCode } = await carrel(["publish", bucket.address, "--name", "Images"]);
  expect(exitCode).toBe(0);
  return bucket;
}

test("ls, du, cat, get and mirror read a library that is published at an s3:// prefix", async () => {
  await using bucket = await publishedPlace("lab 1/images");
  await using directory = await tempDirectory();
  const ls = await carrel(["ls", bucket.address]);
  expect([ls.exitCode, ls.stdout]).toEqual([0, expect.stringMatching(/debian\n.*ubuntu 26\n/u)]);
  const json = await carrel(["ls", `${bucket.address}/lib.json/ubuntu*/*`, "--json"]);
  expect(json.stdout).toContain(`"sizeBytes":12000000`);
  const du = await carrel(["du", bucket.address]);
  expect(du.stdout).toContain(`${bucket.address}/lib.json\n`);
  const info = await carrel(["info", `${bucket.address}/lib.json/debian`]);
  expect([info.exitCode, info.stdout]).toEqual([0, expect.stringContaining("debian.iso")]);
  const cat = await carrel(["cat", `${bucket.address}/lib.json/ubuntu 26/größe.txt`]);
  expect([cat.exitCode, cat.stdout]).toEqual([0, "all of it"]);

  const got = await carrel(["get", `${bucket.address}/lib.json/*`, "-o", directory.join("got"), "--json"]);
  expect([got.exitCode, got.stderr]).toEqual([0, ""]);
  expect(sha256(await readFile(directory.join("got", "ubuntu 26", "disk.iso")))).toBe(sha256(disk));
  expect(got.stdout).not.toContain('"verifiedBy":"length"');
  expect(got.stdout + got.stderr).not.toContain("X-Amz-Signature");

  const repeated = await carrel(["get", `${bucket.address}/lib.json/*`, "-o", directory.join("got"), "--json"]);
  expect(repeated.stdout).toContain('"receivedBytes":0');

  const mirror = directory.join("mirror");
  expect((await carrel(["mirror", bucket.address, mirror])).exitCode).toBe(0);
  expect(sha256(await readFile(`${mirror}/ubuntu 26/disk.iso`))).toBe(sha256(disk));
  const again = await carrel(["mirror", bucket.address, mirror, "--dry-run"]);
  expect([again.exitCode, again.stderr]).toEqual([0, expect.not.stringContaining("carrel:")]);
  const copy = await carrel(["get", `${bucket.address}/lib.json/debian`, "-o", `s3://${bucket.bucket}/copy`]);
  expect(copy.exitCode).toBe(0);
});

test("get from s3:// resumes what breaks, and never calls a file whole that has other bytes than were published", async () => {
  await using bucket = await publishedPlace();
  await using directory = await tempDirectory();
  const item = `${bucket.address}/lib.json/ubuntu 26/disk.iso`;
  await bucket.put("ubuntu 26/disk.iso", contentOf("other", disk.length));
  const changed = await carrel(["get", item, "-o", directory.path]);
  expect([changed.exitCode, changed.stderr]).toEqual([5, expect.stringContaining("disk.iso")]);
  await bucket.put("ubuntu 26/disk.iso", disk);
  let broken = 0;
  await using proxy = await startFaultProxy(store.endpoint, ({ kind, path }) => {
    return kind === "GET object" && path.endsWith("disk.iso") && broken++ === 0 ? "drop-answer" : undefined;
  });
  const got = await carrel(["get", item, "-o", directory.path], { AWS_ENDPOINT_URL: proxy.endpoint });
  expect([got.exitCode, broken]).toEqual([0, 2]);
});

test("a prefix without a library, a missing bucket, and flags of vCenters are each said in a sentence", async () => {
  await using bucket = await createPlace(store);
  const none = await carrel(["ls", bucket.address]);
  expect(none.exitCode).toBe(4);
  expect(none.stderr).toBe(
    `carrel: The store has no "${bucket.address}/lib.json"\n` +
      "  To publish what is there: carrel publish s3://BUCKET/PREFIX\n" +
      "  An item of a library is written s3://BUCKET/PREFIX/lib.json/ITEM\n",
  );
  const missing = await carrel(["ls", "s3://no-such-bucket"]);
  expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining("the bucket does not exist")]);
  const flag = await carrel(["ls", bucket.address, "--thumbprint", "aa"]);
  expect([flag.exitCode, flag.stderr]).toEqual([
    2,
    expect.stringContaining("--thumbprint has no effect on an object store"),
  ]);
  const other = await carrel(["sync", bucket.address]);
  expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining("and s3://BUCKET/PREFIX.")]);
});
