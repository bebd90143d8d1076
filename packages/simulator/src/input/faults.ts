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
  parseJson,
} from "./check.ts";
import type { Check, Members } from "./check.ts";
import type { Fault, FaultKind } from "../model/fault.ts";
import { isAboutDownloadSession, operationIds } from "../model/operations.ts";

type Place = "operation" | "transfer" | "upload";

interface KindRule {
  readonly on: readonly Place[];
  readonly members: Members;
  readonly required?: readonly string[];
  /** Where the members also say whether a target fits. */
  readonly fits?: (fault: Readonly<Record<string, unknown>>) => string | undefined;
}

const atByte: Members = { atByte: whole(0) };
const httpStatus = whole(200, 599);
const errorTypes = modelSchemas["ErrorType"]?.enum ?? [];
const body: readonly Place[] = ["operation", "transfer"];
const everywhere: readonly Place[] = ["operation", "transfer", "upload"];

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
  expireSession: { on: body, members: { ...atByte, session: oneOf(["download", "api"]) }, fits: fitsExpiry },
  renameFile: { on: ["operation"], members: { name: filledText }, required: ["file", "name"] },
  prepareError: { on: ["operation"], members: { message: text }, fits: fitsPrepare },
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

/** Checks one fault. */
export const checkFault: Check = (value, place) => {
  const { kind, on } = membersOf(value, place);
  if (kind === undefined) throw new SimulatorInputError(join(place, "kind"), "missing");
  targetMembers["kind"]?.(kind, join(place, "kind"));
  const name = kind as FaultKind["kind"];
  const rule = rules[name];
  objectOf({ ...targetMembers, ...rule.members }, ["on", ...(rule.required ?? [])])(value, place);
  const at: Place = on === "transfer" || on === "upload" ? on : "operation";
  if (!rule.on.includes(at)) refuse(join(place, "on"), `${rule.on.map(nameOf).join(" or ")} for ${name}`, on);
  const misfit = rule.fits?.(membersOf(value, place));
  if (misfit !== undefined) throw new SimulatorInputError(join(place, "on"), misfit);
};

/** The value as a list of faults, each checked. */
export function checkedFaults(values: readonly unknown[], place: string): readonly Fault[] {
  for (const [index, value] of values.entries()) checkFault(value, `${place}[${index}]`);
  return values as readonly Fault[];
}

function fitsExpiry({ on, session }: Readonly<Record<string, unknown>>): string | undefined {
  if (session === "api" || on === "transfer" || isAboutDownloadSession(String(on))) return undefined;
  return `${String(on)} is not about a download session; use another operation, transfer, or session: "api"`;
}

function fitsPrepare({ on }: Readonly<Record<string, unknown>>): string | undefined {
  return on === "downloadSession.file.prepare" ? undefined : "must be downloadSession.file.prepare for prepareError";
}

function nameOf(place: Place): string {
  return place === "operation" ? "an operation" : place;
}

const units: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * Reads a fault from a line of words: its kind, then `name=value` for each member. Numbers may end in `k`, `m` or `g`
 * (powers of 1024). Without `on` it is for transfers. JSON is taken as well.
 *
 * @throws SimulatorInputError: the fault is wrong; the message begins with the place.
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
  const fault = line.trimStart().startsWith("{") ? parseJson(line) : readWords(line);
  checkFault(fault, "fault");
  return fault as Fault;
}

function readWords(line: string): unknown {
  const [kind, ...words] = line.trim().split(/\s+/);
  const members: Record<string, unknown> = { kind, on: "transfer" };
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals < 1) throw new SimulatorInputError("fault", `"${word}" is not of the form name=value`);
    members[word.slice(0, equals)] = readValue(word.slice(equals + 1));
  }
  return members;
}

function readValue(word: string): unknown {
  const number = /^(-?\d+)([kmg]?)$/.exec(word);
  if (number) return Number(number[1]) * (units[number[2] ?? ""] ?? 1);
  return word === "true" ? true : word === "false" ? false : word;
}
