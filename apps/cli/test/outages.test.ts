import type { DownloadEvent } from "@carrel/core";
import { expect, test } from "vitest";
import { Outages } from "../src/output/outages.ts";
import type { OutageEvent } from "../src/output/outages.ts";
import { HandClock } from "./support/clocks.ts";

const mib = 1024 * 1024;

function watched(): {
  readonly outages: Outages;
  readonly clock: HandClock;
  readonly said: string[];
  readonly logged: string[];
  readonly events: OutageEvent[];
} {
  const clock = new HandClock();
  const said: string[] = [];
  const logged: string[] = [];
  const events: OutageEvent[] = [];
  const outages = new Outages({
    server: "https://vc.example.com",
    say: (line) => said.push(line),
    log: (line) => logged.push(line),
    emit: (event) => events.push(event),
    clock,
  });
  outages.kept = () => ({ receivedBytes: 71.3 * mib, totalBytes: 286.1 * mib });
  return { outages, clock, said, logged, events };
}

const cause = {
  name: "TransferError",
  code: "TRANSFER",
  message: "The connection broke",
  retryable: true,
  problem: "broken",
} as const;
const next = { delayMs: 250, leftMs: 9 * 60_000, systemCode: "ECONNREFUSED" } as const;
const resumed = (file: string, failures: number, fromByte = 2 * mib): DownloadEvent => {
  return { type: "resumed", file, fromByte, cause, failures, ...next };
};
const at = (file: string, receivedBytes: number): DownloadEvent => {
  return { type: "transferring", file, receivedBytes, bytesPerSecond: 1 };
};

test("Outages says once for all files that the server does not answer, and once that it does", () => {
  const { outages, clock, said, logged, events } = watched();
  for (const file of ["a.iso", "b.iso"]) outages.event("image", resumed(file, 1));
  expect(said).toEqual([]);
  for (const failures of [2, 3, 4]) {
    for (const file of ["a.iso", "b.iso"]) outages.event("image", resumed(file, failures));
  }
  expect(said).toEqual([
    "vc.example.com does not answer (connection refused); trying again for 9 min more. 71.3 of 286.1 MiB are kept.",
  ]);
  clock.move(72_000);
  outages.event("image", at("a.iso", 2 * mib));
  expect(said).toHaveLength(1);
  outages.event("image", at("a.iso", 3 * mib));
  outages.event("image", at("b.iso", 3 * mib));
  expect(said.slice(1)).toEqual(["vc.example.com answers again after 1 min 12 s"]);
  expect(logged).toEqual([]);
  expect(events).toEqual([
    {
      type: "outage",
      server: "vc.example.com",
      reason: "connection refused",
      keptBytes: 71.3 * mib,
      totalBytes: 286.1 * mib,
      leftMs: 9 * 60_000,
      systemCode: "ECONNREFUSED",
    },
    { type: "recovered", server: "vc.example.com", durationMs: 72_000 },
  ]);
});

test("Outages logs an interruption that ends with the first attempt, and shows it to nobody", () => {
  const { outages, said, logged, events } = watched();
  outages.event("image", resumed("a.iso", 1));
  outages.event("image", at("a.iso", 3 * mib));
  outages.event("image", resumed("a.iso", 1, 3 * mib));
  outages.event("image", resumed("b.iso", 1, 4 * mib));
  outages.event("image", at("b.iso", 5 * mib));
  expect(logged).toEqual([
    '"image/a.iso" was interrupted, and continues at 2.0 MiB: The connection broke',
    "2 files were interrupted, and continue: The connection broke",
  ]);
  expect([said, events]).toEqual([[], []]);
});

test("Outages takes what an earlier run left for no interruption", () => {
  const { outages, logged } = watched();
  outages.event("image", { type: "resumed", file: "a.iso", fromByte: 5 });
  outages.event("image", at("a.iso", 6));
  expect(logged).toEqual([]);
});

test("Outages reports a call at once, which the client has repeated already, and its end with the next answer", () => {
  const { outages, clock, said } = watched();
  const call = { name: "ServerError", code: "BUSY", message: "busy", retryable: true } as const;
  const retrying = { type: "retrying", cause: call, failures: 1, delayMs: 1_000, leftMs: 28_400, status: 503 } as const;
  outages.event("image", retrying);
  outages.event("image", { ...retrying, failures: 2 });
  // The bytes of another file come from elsewhere.
  outages.event("image", at("a.iso", 6));
  expect(said).toEqual([
    "vc.example.com is out of order (HTTP 503); trying again for 28 s more. 71.3 of 286.1 MiB are kept.",
  ]);
  clock.move(5_000);
  outages.event("image", { type: "plan", files: [] });
  expect(said.slice(1)).toEqual(["vc.example.com answers again after 5.0 s"]);
});

test("Outages names the host that does not answer, and why, and says nothing of bytes where there are none", () => {
  const { outages, said } = watched();
  outages.kept = () => undefined;
  const stalled = { ...cause, problem: "stalled" } as const;
  const origin = "https://esx-1.example.com:8443";
  outages.event("image", {
    type: "resumed",
    file: "a.iso",
    fromByte: 0,
    cause: stalled,
    failures: 1,
    delayMs: 1,
    leftMs: 3 * 3_600_000,
    origin,
  });
  expect(said).toEqual(["esx-1.example.com:8443 does not answer (no data); trying again for 3 h more."]);
});

test("Outages takes an answer that refuses for no outage, however often it comes", () => {
  const { outages, said } = watched();
  const refused = { ...cause, problem: "refused" } as const;
  for (const failures of [1, 2, 3]) {
    outages.event("image", {
      type: "resumed",
      file: "a",
      fromByte: 1,
      cause: refused,
      failures,
      delayMs: 1,
      status: 404,
    });
  }
  expect(said).toEqual([]);
});
