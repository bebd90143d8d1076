import { once } from "node:events";
import { CreateMultipartUploadCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { contentOf } from "@carrel/sink-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFaultProxy } from "../src/fault-proxy.ts";
import type { Fault, Seen } from "../src/fault-proxy.ts";
import { runCarrel, startCarrel } from "../src/run-carrel.ts";
import type { CarrelRun } from "../src/run-carrel.ts";
import { startVersitygw } from "../src/start-versitygw.ts";
import type { Versitygw } from "../src/start-versitygw.ts";
import { createPlace } from "./s3-place.ts";
import type { BucketPlace } from "./s3-place.ts";

let simulator: Simulator;
let store: Versitygw;

beforeAll(async () => {
  const files = ["killed", "living"].map((name) => ({ name: `${name}.iso`, bytes: contentOf(name, 30_000_000) }));
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

function doctor(
  { address }: BucketPlace,
  args: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<CarrelRun> {
  return runCarrel({ simulator, store }, ["doctor", address, ...args], settings);
}

async function everyKey({ bucket, client }: BucketPlace): Promise<readonly (string | undefined)[]> {
  const { Contents: objects = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return objects.map(({ Key: key }) => key);
}

function stepsOf(stdout: string): ReadonlyMap<unknown, Readonly<Record<string, unknown>>> {
  const lines = stdout.split("\n").filter((line) => line !== "");
  const parsed = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return new Map(parsed.map((line) => [line["name"] ?? line["type"], line]));
}

test("doctor s3:// tries a store, says what it honours, and leaves nothing", async () => {
  await using place = await createPlace(store);
  const { exitCode, stdout, stderr } = await doctor(place);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`ok       bucket           ${place.address} can be listed\n`);
  expect(stdout).toContain("from AWS_ACCESS_KEY_ID in the environment, the key that ends in rrel");
  expect(stdout).toContain("honoured by writes and by completions of uploads");
  expect(stdout).toContain("SHA-256 is checked and kept; damaged bytes are refused");
  expect(stdout).toContain("none that is Carrel's is incomplete");
  expect(stdout).not.toContain(store.credentials.secretAccessKey);
  expect([await everyKey(place), await place.leftovers()]).toEqual([[], []]);
});

test.each<readonly [kind: string, fault: Fault, nth: number]>([
  ["PUT record", { status: 403, code: "AccessDenied" }, 2],
  ["PUT part", { status: 403, code: "AccessDenied" }, 2],
  ["GET upload", { status: 403, code: "AccessDenied" }, 1],
  ["POST complete", { status: 403, code: "AccessDenied" }, 2],
  ["POST complete", "drop-answer", 2],
])("doctor s3:// that fails at %s (%j) says so, and leaves nothing", async (kind, fault, nth) => {
  await using place = await createPlace(store);
  let count = 0;
  const decide = (seen: Seen): Fault | undefined => (isTrial(seen, kind) && ++count === nth ? fault : undefined);
  await using proxy = await startFaultProxy(store.endpoint, decide);
  const { exitCode, stdout } = await doctor(place, ["--json"], { AWS_ENDPOINT_URL: proxy.endpoint });
  expect(count).toBeGreaterThanOrEqual(nth);
  expect(stepsOf(stdout).get("trial")).toMatchObject({ status: "failure" });
  expect(exitCode).toBe(1);
  expect([await everyKey(place), await place.leftovers()]).toEqual([[], []]);
});

/** The objects of a trial are among the records. */
function isTrial({ kind, path, query }: Seen, wanted: string): boolean {
  if (!path.includes("/.carrel/trial-")) return false;
  const own = query.has("partNumber")
    ? "part"
    : query.has("uploads")
      ? "uploads"
      : query.has("uploadId")
        ? "upload"
        : "record";
  const method = kind.split(" ")[0] ?? "";
  return `${method} ${method === "POST" && own === "upload" ? "complete" : own}` === wanted;
}

test("doctor s3:// tells of a store that knows no conditions and no checksums", async () => {
  await using place = await createPlace(store);
  await using proxy = await startFaultProxy(store.endpoint, ({ headers }) => {
    const isUnknown = "if-none-match" in headers || "if-match" in headers || "x-amz-checksum-sha256" in headers;
    return isUnknown ? { status: 501, code: "NotImplemented" } : undefined;
  });
  const { exitCode, stdout } = await doctor(place, ["--json"], { AWS_ENDPOINT_URL: proxy.endpoint });
  const steps = stepsOf(stdout);
  expect([exitCode, steps.get("trial")]).toEqual([0, expect.objectContaining({ status: "ok" })]);
  expect(steps.get("conditions")).toMatchObject({
    status: "warning",
    message: "not known to writes, not known to completions of uploads",
  });
  expect(steps.get("checksums")?.["message"]).toContain("SHA-256 is not known to the store");
  expect([await everyKey(place), await place.leftovers()]).toEqual([[], []]);
});

test("doctor s3:// advises the exact rule where none ends incomplete uploads, and accepts one that does", async () => {
  await using place = await createPlace(store);
  let answer: Fault = { status: 404, code: "NoSuchLifecycleConfiguration" };
  await using proxy = await startFaultProxy(store.endpoint, ({ kind }) =>
    kind === "GET lifecycle" ? answer : undefined,
  );
  const none = stepsOf((await doctor(place, ["--json"], { AWS_ENDPOINT_URL: proxy.endpoint })).stdout).get("lifecycle");
  expect(none).toMatchObject({ status: "warning", message: "no rule ends incomplete uploads" });
  const [, rule = ""] = (none?.["hints"] ?? []) as readonly string[];
  expect(JSON.parse(rule)).toEqual({
    Rules: [
      {
        ID: "end-incomplete-uploads",
        Status: "Enabled",
        Filter: { Prefix: "lab/images/" },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
    ],
  });
  const days =
    "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
  const xml = `<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix>lab/</Prefix></Filter>${days}</Rule></LifecycleConfiguration>`;
  answer = { status: 200, xml };
  const some = stepsOf((await doctor(place, ["--json"], { AWS_ENDPOINT_URL: proxy.endpoint })).stdout).get("lifecycle");
  expect(some).toMatchObject({ status: "ok", message: "a rule ends incomplete uploads after 3 days" });
});

test("doctor s3:// --end-uploads ends uploads of killed runs, and neither those of living ones nor of other programs", async () => {
  await using place = await createPlace(store);
  const args = (name: string): readonly string[] => ["get", `Images/ubuntu/${name}.iso`, "-o", place.address];
  const killing = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await using proxy = await startFaultProxy(store.endpoint, async ({ kind, path }) => {
    if (kind !== "POST complete") return undefined;
    if (path.endsWith("/killed.iso")) {
      // All of its parts are in the store by now, so that ending the upload frees something.
      killing.resolve();
      return "drop-request";
    }
    held.resolve();
    await release.promise;
    return undefined;
  });
  const killed = startCarrel({ simulator, store }, args("killed"), { AWS_ENDPOINT_URL: proxy.endpoint });
  killed.stdout.resume();
  killed.stderr.resume();
  await killing.promise;
  killed.kill("SIGKILL");
  await once(killed, "close");
  const living = runCarrel({ simulator, store }, args("living"), { AWS_ENDPOINT_URL: proxy.endpoint });
  await held.promise;
  await place.client.send(new CreateMultipartUploadCommand({ Bucket: place.bucket, Key: "lab/images/others.iso" }));

  const listed = await doctor(place);
  expect(listed.stdout).toMatch(
    /warning {2}uploads .*2 incomplete uploads of Carrel, .*: 1 in use, 1 that no run works on; 1 other of other/u,
  );
  expect(listed.stdout).toMatch(
    new RegExp(`0 min +[\\d.]+ MiB {2}${place.address}/living\\.iso {2}\\(in use\\)\n`, "u"),
  );
  const unasked = await doctor(place, ["--end-uploads"]);
  expect([unasked.exitCode, unasked.stderr]).toEqual([2, expect.stringContaining("Pass --yes to proceed.")]);

  const ended = await doctor(place, ["--end-uploads", "--yes"]);
  expect([ended.exitCode, ended.stdout]).toEqual([
    0,
    expect.stringMatching(/ok +end uploads +1 upload ended, 28\.6 MiB freed\n/u),
  ]);
  release.resolve();
  expect(await living).toMatchObject({ exitCode: 0 });
  expect([...(await place.visible()).keys()]).toEqual(["living.iso"]);
  expect(await place.leftovers()).toEqual([expect.stringContaining("of lab/images/others.iso")]);
});
