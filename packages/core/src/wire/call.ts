import type { CallOptions } from "../call-options.ts";
import { checkText, shown } from "../kit/checks.ts";
import type { Operation } from "./operation.ts";

/** Carries out one operation: arguments of the path, then everything else as one object. */
export type Call = <Result>(
  operation: Operation,
  args: readonly string[],
  input: object | undefined,
  options: CallOptions | undefined,
) => Promise<Result>;

/** Refuses a call before anything is sent, where an argument cannot be what the operation needs. */
export function checkCall(operation: Operation, args: readonly unknown[], input: unknown): void {
  operation.arguments.forEach((name, index) => {
    checkText(`${operation.id}: ${name}`, args[index]);
  });
  if (input !== undefined && (typeof input !== "object" || input === null || Array.isArray(input))) {
    throw new TypeError(`${operation.id}: the argument after the identifiers must be an object: got ${shown(input)}`);
  }
}
