import { readFile } from "node:fs/promises";
import { CarrelError } from "@carrel/core";
import type { Fault, SimulatorOptions } from "@carrel/simulator";
import { isSoak } from "@carrel/test-kit";
import { expect, test, vi } from "vitest";
import { downloadItem } from "../../src/index.ts";
import { openDesk } from "./desk.ts";

// They mostly wait, and several wait at once.
vi.setConfig({ testTimeout: 30_000, maxConcurrency: 8 });

const name = "disk-0.vmdk";
const sizeBytes = 600_011;
const positions = [0, 262_144, sizeBytes - 1];
const somePositions = isSoak ? positions : [262_144];
const target = { on: "transfer" } as const;

type Faults = (atByte: number) => readonly Fault[];

/** A fault, and whether the file arrives despite it. */
const recovered: Readonly<Record<string, Faults>> = {
  "a reset": (atByte) => [{ ...target, kind: "reset", atByte }],
  "three resets": (atByte) => [{ ...target, kind: "reset", atByte, times: 3 }],
  "a body that ends early": (atByte) => [{ ...target, kind: "shortClose", atByte }],
  "a body that ends before its length": (atByte) => [{ ...target, kind: "shortClose", atByte, keepLength: true }],
  "a body that looks complete and is not": (atByte) => [{ ...target, kind: "truncate", atByte }],
  "a stall": (atByte) => [{ ...target, kind: "stall", atByte }],
  "a busy server": () => [{ ...target, kind: "status", status: 503 }],
  "too many requests": () => [{ ...target, kind: "status", status: 429 }],
  "a worn-out URL": () => [{ ...target, kind: "status", status: 404 }],
  "a URL that wants a login": () => [{ ...target, kind: "status", status: 401 }],
  "a session that expires": (atByte) => [{ ...target, kind: "expireSession", atByte }],
  "logins that expire": (atByte) => [{ ...target, kind: "expireSession", session: "api", atByte }],
  "a reset, and ranges ignored": (atByte) => [
    { ...target, kind: "reset", atByte },
    { ...target, use: 2, kind: "ignoreRange" },
  ],
  "a reset, and another range": (atByte) => [
    { ...target, kind: "reset", atByte },
    { ...target, use: 2, kind: "shiftRange", byBytes: -1 },
  ],
  "answers of the session lost": () => [
    { on: "downloadSession.create", kind: "loseAnswer" },
    { on: "downloadSession.file.prepare", kind: "reset" },
    { on: "downloadSession.file.get", kind: "status", status: 503 },
  ],
};

const failing: Readonly<Record<string, Faults>> = {
  "a changed byte, each time": (atByte) => [{ ...target, kind: "corrupt", atByte, times: "always" }],
  "more bytes than there are": () => [{ ...target, kind: "extend", bytes: 3, times: "always" }],
  "a login page": () => [{ ...target, kind: "htmlPage", use: 1, times: "always" }],
  "a reset, and other content after it": (atByte) => [
    { ...target, kind: "reset", atByte: Math.max(atByte, 1) },
    { ...target, use: 2, kind: "changeContent", file: name },
  ],
  "a session lost, and other content after it": (atByte) => [
    { ...target, kind: "expireSession", atByte },
    { on: "downloadSession.create", use: 2, kind: "changeContent", file: name },
  ],
  "resets without end": (atByte) => [{ ...target, kind: "reset", atByte, times: "always" }],
  "no way to prepare it": () => [{ on: "downloadSession.file.prepare", kind: "prepareError" }],
};

/** Servers, and where in the file something goes wrong. */
const servers: readonly (readonly [string, SimulatorOptions, readonly number[]])[] = [
  ["a server that tells all", {}, positions],
  [
    "a server that tells little",
    { report: { size: "downloaded" }, transfer: { etag: false, contentLength: false } },
    somePositions,
  ],
  ["a server without ranges", { transfer: { ranges: false } }, somePositions],
];

async function download(
  options: SimulatorOptions,
  faults: readonly Fault[],
): Promise<"whole" | "unverified" | CarrelError> {
  await using desk = await openDesk({ ...options, files: [{ name, sizeBytes }] });
  const bytes = Buffer.from(await desk.item.file(name).bytes());
  for (const fault of faults) desk.simulator.faults.add(fault);
  // Elsewhere a machine that is busy must not look like a server that is silent.
  const stallTimeoutMs = faults.some(({ kind }) => kind === "stall") ? 200 : 30_000;
  // What this server states after a download, it states at once.
  const settings = { stallTimeoutMs, resumeLimit: 3, factsTimeoutMs: 0 };
  const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, settings);
  const outcome = await report.then(
    ({ files }) => (files[0]?.verifiedBy === "nothing" ? "unverified" : "whole"),
    (error: unknown) => error as CarrelError,
  );
  if (outcome === "whole") expect((await readFile(desk.folder.join(name))).equals(bytes)).toBe(true);
  if (outcome instanceof Error) expect(await desk.names()).not.toContain(name);
  // A login that a transfer URL refused counts as over for the client, but not for this server.
  if (faults.some((fault) => fault.kind === "status" && fault.status === 401)) desk.simulator.expireApiSessions();
  return outcome;
}

test.concurrent.each(
  servers.flatMap(([server, options, places]) =>
    Object.entries(recovered).map(([what, faults]) => ({ server, what, options, faults, places })),
  ),
)("downloadItem recovers: $server, $what", async ({ what, options, faults, places }) => {
  const outcomes = await Promise.all(places.map((atByte) => download(options, faults(atByte))));
  // Where the server never tells a length, no client can know that a body ended early; but it must not say otherwise.
  const isBlind = what === "a body that ends early" && options.report?.size === "downloaded";
  expect(outcomes).toEqual(places.map(() => (isBlind ? "unverified" : "whole")));
});

test.concurrent.each(
  servers.flatMap(([server, options, places]) =>
    Object.entries(failing).map(([what, faults]) => ({ server, what, options, faults, places })),
  ),
)("downloadItem fails, and nothing has the final name: $server, $what", async ({ options, faults, places }) => {
  for (const outcome of await Promise.all(places.map((atByte) => download(options, faults(atByte))))) {
    expect(outcome).toBeInstanceOf(CarrelError);
  }
});
