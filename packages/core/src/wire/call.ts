import type { CallOptions } from "../call-options.ts";
import { checkNumber, checkText, shown } from "../kit/checks.ts";
import type { Operation } from "./operation.ts";

/** Carries out one operation: the arguments of its path come first, everything else is one object. */
export type Call = <Result>(
  operation: Operation,
  args: readonly string[],
  input: object | undefined,
  options: CallOptions | undefined,
) => Promise<Result>;

/**
 * Checks the arguments of a call before anything is sent.
 * @throws TypeError where an argument has the wrong type.
 */
export function checkCall(operation: Operation, args: readonly unknown[], input: unknown): void {
  operation.arguments.forEach((name, index) => {
    checkText(`${operation.id}: ${name}`, args[index]);
  });
  if (input !== undefined && (typeof input !== "object" || input === null || Array.isArray(input))) {
    throw new TypeError(`${operation.id}: the argument after the identifiers must be an object: got ${shown(input)}`);
  }
}

/**
 * Checks the options of a call before anything is sent.
 * @throws TypeError, RangeError where `attemptTimeoutMs` is not a number above 0. Infinity is allowed.
 */
export function checkCallOptions({ attemptTimeoutMs }: CallOptions): void {
  if (attemptTimeoutMs !== undefined) checkNumber("attemptTimeoutMs", attemptTimeoutMs, { above: 0, to: Infinity });
}
