import { IntegrityError, SessionLostError, TransferError } from "@carrel/core";
import type { FaultKind, SimulatorOptions } from "@carrel/simulator";
import { hexDigest } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { openFile, openTransfer } from "../../src/index.ts";
import type { TransferFacts, TransferOptions } from "../../src/index.ts";
import { openDesk } from "../download/desk.ts";
import { readAll } from "../support/read-all.ts";
import type { Seen } from "../support/read-all.ts";

const sizeBytes = 2_000_000;
const middle = 700_000;

interface Outcome extends Seen {
  readonly isWhole: boolean;
  readonly facts: TransferFacts | undefined;
}

/** Opens the file under a lease of the simulator, with faults in the transfer; leaves nothing on the server. */
async function open(
  faults: readonly FaultKind[],
  options: TransferOptions = {},
  rules: SimulatorOptions = {},
): Promise<Outcome> {
  await using desk = await openDesk({ ...rules, files: [{ name: "disk-0.vmdk", sizeBytes }] });
  await using lease = await desk.client.lease(desk.item.id);
  desk.simulator.faults.add(...faults.map((fault, index) => ({ on: "transfer" as const, use: index + 1, ...fault })));
  const sha256 = await desk.item.file("disk-0.vmdk").sha256();
  const stream = await openFile(lease, "disk-0.vmdk", {
    proxy: false,
    resumeDelayMs: 1,
    stallTimeoutMs: 80,
    ...options,
  });
  const seen = await readAll(stream);
  // With several connections it is not certain which one fetches the byte of a fault.
  if ((options.connectionsPerFile ?? 1) === 1) expect(desk.simulator.faults.unused).toEqual([]);
  return { ...seen, facts: stream.facts, isWhole: hexDigest("sha256", seen.bytes) === sha256 };
}

test("openFile refuses http where the lease is on a vCenter over https", async () => {
  await using desk = await openDesk({ files: [{ name: "disk-0.vmdk", sizeBytes }] });
  await using lease = await desk.client.lease(desk.item.id);
  expect(lease.origin).toBe(desk.client.origin);
  const overTls = { ...lease, origin: "https://vc.example.test" };
  const refused = await readAll(await openFile(overTls, "disk-0.vmdk", { proxy: false }));
  expect(refused.error).toMatchObject({ problem: "endpoint", clientOrigin: "https://vc.example.test" });
  const stream = await openFile(overTls, "disk-0.vmdk", { proxy: false, allowHttpTransfers: true });
  expect(await readAll(stream)).toMatchObject({ isEnded: true });
  expect((await stream.opened).origin).toBe(new URL(desk.simulator.transferUrl).origin);
});

test("openFile prepares, reads and verifies by the checksum that the server states afterwards", async () => {
  const seen = await open([]);
  expect(seen).toMatchObject({ isEnded: true, isWhole: true, facts: { verifiedBy: "checksum", sizeBytes } });
});

test.for<readonly FaultKind[]>([
  [{ kind: "reset", atByte: middle }],
  [{ kind: "reset", atByte: 0 }, { kind: "reset", atByte: middle }, { kind: "reset" }],
  [{ kind: "stall", atByte: middle }],
  [{ kind: "shortClose", atByte: middle, keepLength: true }],
  [{ kind: "status", status: 503, retryAfterSeconds: 0 }],
  [
    { kind: "reset", atByte: middle },
    { kind: "status", status: 404 },
  ],
  [{ kind: "status", status: 401 }],
  [{ kind: "reset", atByte: middle }, { kind: "ignoreRange" }],
  [{ kind: "reset", atByte: middle }, { kind: "changeEtag" }],
  [
    { kind: "reset", atByte: middle },
    { kind: "shiftRange", byBytes: -10 },
  ],
])("openFile resumes after faults: %j", async (faults) => {
  for (const connectionsPerFile of [1, 4]) {
    const seen = await open(faults, { connectionsPerFile });
    expect(seen.error).toBeUndefined();
    expect(seen).toMatchObject({ isEnded: true, isWhole: true });
  }
});

test.for<
  readonly [string, readonly FaultKind[], typeof IntegrityError | typeof TransferError | typeof SessionLostError]
>([
  ["a corrupt byte", [{ kind: "corrupt", atByte: middle }], IntegrityError],
  ["a body that is too long", [{ kind: "extend", bytes: 1 }], IntegrityError],
  ["a body that is cut and looks whole", [{ kind: "truncate", atByte: middle }], IntegrityError],
  ["a login page", [{ kind: "htmlPage" }], IntegrityError],
  [
    "other bytes",
    [
      { kind: "reset", atByte: middle },
      { kind: "changeContent", file: "disk-0.vmdk" },
    ],
    IntegrityError,
  ],
  ["a redirect to elsewhere", [{ kind: "redirect" }], TransferError],
  ["the end of the session", [{ kind: "expireSession", atByte: middle }], SessionLostError],
])("openFile never ends after %s", async ([, faults, type]) => {
  for (const options of [{}, { expect: { sizeBytes } }, { connectionsPerFile: 4 }]) {
    const seen = await open(faults, options);
    expect(seen.isEnded && seen.isWhole ? "mended" : seen.error).toSatisfy((outcome) => {
      // A cut part is fetched again where another response states the length.
      return outcome instanceof type || (outcome === "mended" && "connectionsPerFile" in options);
    });
  }
});

test("openFile does not accept a body without a length that ends with its session", async () => {
  const rules: SimulatorOptions = { transfer: { contentLength: false, onSessionEnd: "end" } };
  const seen = await open([{ kind: "expireSession", atByte: middle }], {}, rules);
  expect(seen.isEnded).toBe(false);
});

test("openTransfer gets a fresh endpoint after a refusal, and only then, from a source that passes the request to the lease", async () => {
  await using desk = await openDesk({ files: [{ name: "disk-0.vmdk", sizeBytes }] });
  await using lease = await desk.client.lease(desk.item.id);
  desk.simulator.faults.add(
    { on: "transfer", use: 1, kind: "reset", atByte: middle },
    { on: "transfer", use: 2, kind: "status", status: 404 },
  );
  const stream = openTransfer((request) => lease.endpoint("disk-0.vmdk", request), { proxy: false, resumeDelayMs: 1 });
  expect(await readAll(stream)).toMatchObject({ isEnded: true });
  const prepared = desk.simulator.journal.filter(({ operation }) => operation === "downloadSession.file.prepare");
  expect(prepared).toHaveLength(2);
  expect(desk.simulator.faults.unused).toEqual([]);
});
