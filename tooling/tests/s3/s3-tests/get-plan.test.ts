import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { tempDirectory } from "@carrel/test-kit";
import { contentOf } from "@carrel/sink-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCarrel, startCarrel } from "../src/run-carrel.ts";
import type { CarrelRun } from "../src/run-carrel.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { createPlace } from "./s3-place.ts";

let simulator: Simulator;
let store: Versitygw;

beforeAll(async () => {
  const files = [
    { name: "disk.iso", bytes: contentOf("disk", 40_000_000) },
    { name: "notes.txt", bytes: Buffer.from("All of it.\n") },
  ];
  const items = [
    { name: "ubuntu", type: "iso", files },
    { name: "debian", type: "iso", files: [{ name: "debian.iso", bytes: Buffer.from("debian") }] },
  ];
  [simulator, store] = await Promise.all([
    startSimulator({ libraries: [{ name: "Images", items }], report: { checksumAlgorithm: "SHA1" } }),
    startVersitygw(),
  ]);
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

function get(...args: readonly string[]): Promise<CarrelRun> {
  return runCarrel({ simulator, store }, ["get", ...args]);
}

test("get -o s3:// --dry-run says what is there, what is resumed and what is unchanged, and writes nothing", async () => {
  await using place = await createPlace(store);
  const first = await get("Images/ubuntu", "-o", place.address, "--dry-run");
  expect([first.exitCode, first.stdout]).toEqual([
    0,
    `  38.1 MiB  ${place.address}/disk.iso\n      11 B  ${place.address}/notes.txt\n` +
      "38.1 MiB to fetch.\n2 files, 38.1 MiB on the server's storage. Nothing was downloaded.\n",
  ]);
  const slowly = ["get", "Images/ubuntu/disk.iso", "-o", place.address, "--limit-rate", "10M", "--json"];
  const child = startCarrel({ simulator, store }, slowly);
  child.stderr.resume();
  for await (const line of createInterface({ input: child.stdout })) {
    const { receivedBytes = 0 } = JSON.parse(line) as { readonly receivedBytes?: number };
    if (receivedBytes > 25_000_000 && child.exitCode === null) child.kill("SIGKILL");
  }
  if (child.signalCode === null) await once(child, "close");
  const before = await place.leftovers();
  const second = await get("Images/ubuntu", "-o", place.address, "--dry-run", "--json");
  const [disk] = second.stdout.split("\n").map((line) => JSON.parse(line || "{}") as Readonly<Record<string, number>>);
  expect(disk).toMatchObject({ type: "planned", path: `${place.address}/disk.iso` });
  expect(disk?.["resumeAtByte"]).toBeGreaterThanOrEqual(8_388_608);
  expect([await place.leftovers(), [...(await place.visible()).keys()]]).toEqual([before, []]);

  expect((await get("Images/ubuntu", "-o", place.address)).exitCode).toBe(0);
  const third = await get("Images/ubuntu", "-o", place.address, "--dry-run");
  expect(third.stdout.match(/not downloaded again/gu)).toHaveLength(2);
  const missing = await get("Images/ubuntu", "-o", "s3://no-such-bucket", "--dry-run");
  expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining("the bucket does not exist")]);
});

test("get -o s3:// --checksum writes digests with the names below the prefix, which sha256sum reads", async () => {
  await using place = await createPlace(store);
  await using directory = await tempDirectory();
  const sums = directory.join("SHA256SUMS");
  const got = await get("Images/*", "-o", place.address, "--checksum", sums);
  expect([got.exitCode, got.stderr]).toEqual([0, expect.not.stringContaining("carrel:")]);
  for (const [name, bytes] of await place.visible()) {
    if (name.includes(".carrel/")) continue;
    await mkdir(dirname(directory.join(name)), { recursive: true });
    await writeFile(directory.join(name), bytes);
  }
  const { stdout } = await promisify(execFile)("sha256sum", ["--check", "--strict", sums], { cwd: directory.path });
  expect(stdout.trim().split("\n").toSorted()).toEqual([
    "debian/debian.iso: OK",
    "ubuntu/disk.iso: OK",
    "ubuntu/notes.txt: OK",
  ]);
  expect((await get("Images/debian", "-o", place.address, "--checksum", sums)).exitCode).toBe(0);
  expect(await readFile(sums, "utf8")).toMatch(/^[\da-f]{64} {2}debian\.iso\n$/u);
  const object = await get("Images/debian", "-o", place.address, "--checksum", `${place.address}/SHA256SUMS`);
  expect([object.exitCode, object.stderr]).toEqual([
    2,
    expect.stringContaining("--checksum is a file on this machine"),
  ]);
});
