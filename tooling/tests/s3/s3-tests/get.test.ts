import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { sha256, tempDirectory } from "@carrel/test-kit";
import { contentOf } from "@carrel/sink-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCarrel, startCarrel } from "../src/run-carrel.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { createPlace } from "./s3-place.ts";

const disk = contentOf("disk", 40_000_000);
const notes = Buffer.from("All of it.\n");
let simulator: Simulator;
let store: Versitygw;

beforeAll(async () => {
  const files = [
    { name: "disk.iso", bytes: disk },
    { name: "notes.txt", bytes: notes },
  ];
  const items = [
    { name: "ubuntu", type: "iso", files },
    { name: "debian", type: "iso", files: [{ name: "notes.txt", bytes: notes }] },
  ];
  [simulator, store] = await Promise.all([
    startSimulator({ libraries: [{ name: "Images", items }] }),
    startVersitygw(),
  ]);
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

function linesOf(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

test("get -o s3:// puts whole files into the bucket, and the next run leaves them", async () => {
  await using place = await createPlace(store);
  const { exitCode, stderr, stdout } = await runCarrel({ simulator, store }, [
    "get",
    "Images/ubuntu",
    "-o",
    place.address,
  ]);
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("carrel:")]);
  expect(stdout).toContain(`Saved to ${place.address}\n`);
  const visible = await place.visible();
  expect([...visible].map(([name, bytes]) => [name, sha256(bytes)])).toEqual([
    ["disk.iso", sha256(disk)],
    ["notes.txt", sha256(notes)],
  ]);
  expect(await place.leftovers()).toEqual([]);

  const again = await runCarrel({ simulator, store }, ["get", "Images/ubuntu", "-o", `${place.address}/`, "--json"]);
  const skipped = linesOf(again.stdout).filter(({ type }) => type === "skipped");
  expect(new Set(skipped.map(({ path }) => path))).toEqual(
    new Set([`${place.address}/disk.iso`, `${place.address}/notes.txt`]),
  );
  expect(linesOf(again.stdout).at(-1)).toMatchObject({ type: "summary", files: 2, whole: 2, complete: true });
  expect(again.exitCode).toBe(0);
});

test("get -o s3:// of several items makes a prefix of each", async () => {
  await using place = await createPlace(store);
  const { exitCode, stdout } = await runCarrel({ simulator, store }, ["get", "Images/*", "-o", place.address]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`Saved to ${place.address}, in a directory per item\n`);
  const names = [...(await place.visible()).keys()].filter((name) => !name.includes("/.carrel/"));
  expect(names).toEqual(["debian/notes.txt", "ubuntu/disk.iso", "ubuntu/notes.txt"]);
});

test.each(["SIGKILL", "SIGINT"] as const)(
  "get -o s3:// that ends by %s is resumed by the next run",
  async (signal) => {
    await using place = await createPlace(store);
    const child = startCarrel({ simulator, store }, [
      "get",
      "Images/ubuntu/disk.iso",
      "-o",
      place.address,
      "--limit-rate",
      "10M",
      "--json",
    ]);
    child.stderr.resume();
    for await (const line of createInterface({ input: child.stdout })) {
      const { receivedBytes = 0 } = JSON.parse(line) as { readonly receivedBytes?: number };
      if (receivedBytes > 25_000_000 && child.exitCode === null) child.kill(signal);
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "close");
    expect((await place.visible()).size).toBe(0);
    const { exitCode, stdout } = await runCarrel({ simulator, store }, [
      "get",
      "Images/ubuntu/disk.iso",
      "-o",
      place.address,
      "--json",
    ]);
    expect(exitCode).toBe(0);
    const resumed = linesOf(stdout).find(({ type }) => type === "resumed");
    // All parts of 8 MiB but those that were on their way.
    expect(resumed?.["fromByte"]).toBeGreaterThanOrEqual(8_388_608);
    expect((await place.visible()).get("disk.iso")?.equals(disk)).toBe(true);
    expect(await place.leftovers()).toEqual([]);
  },
  60_000,
);

test("get -o s3:// says in one sentence what is wrong with the store, and what to do", async () => {
  const bucket = await runCarrel({ simulator, store }, ["get", "Images/debian", "-o", "s3://no-such-bucket"]);
  expect(bucket.exitCode).toBe(1);
  expect(bucket.stderr.slice(bucket.stderr.indexOf("carrel:"))).toBe(
    'carrel: Cannot use "s3://no-such-bucket": the bucket does not exist (NoSuchBucket: The specified bucket does not exist)\n' +
      "  Create it, or check its name. A bucket of another store: --endpoint-url URL\n",
  );
  const secret = { AWS_SECRET_ACCESS_KEY: "wrong-secret" };
  const denied = await runCarrel({ simulator, store }, ["get", "Images/debian", "-o", "s3://images"], secret);
  expect([denied.exitCode, denied.stderr]).toEqual([1, expect.stringContaining("SignatureDoesNotMatch")]);
  expect(denied.stderr).not.toContain("wrong-secret");
  const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
  const missing = await runCarrel({ simulator, store }, ["get", "Images/debian", "-o", "s3://images"], none);
  expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining("no credentials were found")]);
});

test("get -o s3:// takes the credentials of a profile", async () => {
  await using place = await createPlace(store);
  await using home = await tempDirectory();
  const { accessKeyId, secretAccessKey } = store.credentials;
  await mkdir(home.join(".aws"));
  await writeFile(
    home.join(".aws", "credentials"),
    `[images]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  const settings = { HOME: home.path, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_ENDPOINT_URL: "" };
  const args = ["get", "Images/debian", "-o", place.address, "--profile", "images", "--endpoint-url", store.endpoint];
  const { exitCode, stderr } = await runCarrel({ simulator, store }, args, settings);
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("carrel:")]);
  expect([...(await place.visible()).keys()]).toEqual(["notes.txt"]);
});
