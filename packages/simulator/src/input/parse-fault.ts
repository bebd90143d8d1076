import { parseJson } from "./parse-json.ts";
import { SimulatorInputError } from "../model/simulator-input-error.ts";
import { checkFault } from "./check-fault.ts";
import type { Fault } from "../model/fault.ts";

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

function readValue(text: string): unknown {
  const number = /^(-?\d+)([kmg]?)$/.exec(text);
  if (number) return Number(number[1]) * (units[number[2] ?? ""] ?? 1);
  return text === "true" ? true : text === "false" ? false : text;
}
