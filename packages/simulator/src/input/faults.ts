import { shown } from "@carrel/core/kit";
import { modelSchemas } from "@carrel/core/operations";
import {
  filledText,
  flag,
  join,
  membersOf,
  milliseconds,
  objectOf,
  oneOf,
  refuse,
  text,
  whole,
  SimulatorInputError,
  parseJsonInput,
} from "./check.ts";
import type { Check, Members } from "./check.ts";
import type { Fault, FaultKind } from "../model/fault.ts";
import { isAboutDownloadSession, operationIds } from "../model/operations.ts";

/** What a fault is for. */
type Traffic = "operation" | "transfer" | "upload";

interface KindRule {
  readonly on: readonly Traffic[];
  readonly members: Members;
  readonly required?: readonly string[];
  /** Returns why the target does not fit the other members; undefined where it does. */
  readonly misfit?: (fault: Readonly<Record<string, unknown>>) => string | undefined;
}

const atByte: Members = { atByte: whole(0) };
const httpStatus = whole(200, 599);
const errorTypes = modelSchemas["ErrorType"]?.enum ?? [];
const body: readonly Traffic[] = ["operation", "transfer"];
const everywhere: readonly Traffic[] = ["operation", "transfer", "upload"];

const rules: Readonly<Record<FaultKind["kind"], KindRule>> = {
  status: {
    on: everywhere,
    members: { status: httpStatus, errorType: oneOf(errorTypes), message: text, retryAfterSeconds: whole(0) },
    required: ["status"],
  },
  delay: { on: everywhere, members: { delayMs: milliseconds }, required: ["delayMs"] },
  htmlPage: { on: everywhere, members: { status: httpStatus } },
  redirect: { on: everywhere, members: { status: whole(300, 399), location: filledText } },
  reset: { on: everywhere, members: atByte },
  stall: { on: everywhere, members: { ...atByte, stallMs: milliseconds } },
  truncate: { on: body, members: atByte, required: ["atByte"] },
  shortClose: { on: body, members: { ...atByte, keepLength: flag }, required: ["atByte"] },
  corrupt: { on: body, members: { ...atByte, bytes: whole(1) }, required: ["atByte"] },
  extend: { on: body, members: { bytes: whole(1) }, required: ["bytes"] },
  loseAnswer: { on: ["operation", "upload"], members: {} },
  body: { on: ["operation"], members: { body: text, status: httpStatus, contentType: text }, required: ["body"] },
  ignoreRange: { on: ["transfer"], members: {} },
  shiftRange: { on: ["transfer"], members: { byBytes: whole(Number.MIN_SAFE_INTEGER) }, required: ["byBytes"] },
  changeEtag: { on: ["transfer"], members: { etag: filledText } },
  expireSession: { on: body, members: { ...atByte, session: oneOf(["download", "api"]) }, misfit: expiryMisfit },
  renameFile: { on: ["operation"], members: { name: filledText }, required: ["file", "name"] },
  prepareError: { on: ["operation"], members: { message: text }, misfit: prepareMisfit },
  changeContent: { on: body, members: {}, required: ["file"] },
};

/** Every kind of fault. */
const faultKinds: readonly string[] = Object.keys(rules);

const targetMembers: Members = {
  kind: oneOf(faultKinds),
  on: oneOf(["*", "transfer", "upload", ...operationIds]),
  file: text,
  use: whole(1),
  times: (value, place) => {
    if (value !== "always") whole(1)(value, place);
  },
};

/** Checks a fault. */
export const checkFault: Check = (value, place) => {
  const { kind, on } = membersOf(value, place);
  if (kind === undefined) throw new SimulatorInputError(join(place, "kind"), "is missing");
  targetMembers["kind"]?.(kind, join(place, "kind"));
  const name = kind as FaultKind["kind"];
  const rule = rules[name];
  objectOf({ ...targetMembers, ...rule.members }, ["on", ...(rule.required ?? [])])(value, place);
  const traffic: Traffic = on === "transfer" || on === "upload" ? on : "operation";
  if (!rule.on.includes(traffic)) refuse(join(place, "on"), `${rule.on.map(nameOf).join(" or ")} for ${name}`, on);
  const misfit = rule.misfit?.(membersOf(value, place));
  if (misfit !== undefined) throw new SimulatorInputError(join(place, "on"), misfit);
};

/** Checks faults and returns them. */
export function checkedFaults(values: readonly unknown[], place: string): readonly Fault[] {
  for (const [index, value] of values.entries()) checkFault(value, `${place}[${index}]`);
  return values as readonly Fault[];
}

function expiryMisfit({ on, session }: Readonly<Record<string, unknown>>): string | undefined {
  if (session === "api" || on === "transfer" || isAboutDownloadSession(String(on))) return undefined;
  return `must be an operation on a download session or "transfer", unless session is "api": got ${shown(on)}`;
}

function prepareMisfit({ on }: Readonly<Record<string, unknown>>): string | undefined {
  return on === "downloadSession.file.prepare"
    ? undefined
    : `must be downloadSession.file.prepare for prepareError: got ${shown(on)}`;
}

function nameOf(place: Traffic): string {
  return place === "operation" ? "an operation" : place;
}

const units: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * Reads a fault from one line: its kind, then `name=value` for each member. Numbers may end in `k`, `m` or `g` (powers of
 * 1024). `on` defaults to `transfer`. Also accepts JSON.
 *
 * @throws SimulatorInputError where the fault is wrong; the message begins with the place of the mistake.
 *
 * @example
 * ```ts
 * import { parseFault } from "@carrel/simulator";
 *
 * const faults = [
 *   parseFault("reset file=disk.vmdk atByte=10m times=2"),
 *   parseFault("status on=downloadSession.keepAlive status=503 use=3"),
 * ];
 * ```
 */
export function parseFault(line: string): Fault {
  const fault = line.trimStart().startsWith("{") ? parseJsonInput(line) : readWords(line);
  checkFault(fault, "fault");
  return fault as Fault;
}

function readWords(line: string): unknown {
  const [kind, ...words] = line.trim().split(/\s+/u);
  const members: Record<string, unknown> = { kind, on: "transfer" };
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals < 1)
      throw new SimulatorInputError("fault", `must be written as KIND NAME=VALUE ...: got ${shown(word)}`);
    members[word.slice(0, equals)] = readValue(word.slice(equals + 1));
  }
  return members;
}

function readValue(word: string): unknown {
  const number = /^(-?\d+)([kmg]?)$/u.exec(word);
  if (number) return Number(number[1]) * (units[number[2] ?? ""] ?? 1);
  return word === "true" ? true : word === "false" ? false : word;
}
