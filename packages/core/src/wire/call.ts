import type { CallOptions } from "../call-options.ts";
import type { Operation } from "./operation.ts";

/** Carries out one operation: arguments of the path, then everything else as one object. */
export type Call = <Result>(
  operation: Operation,
  args: readonly string[],
  input: object | undefined,
  options: CallOptions | undefined,
) => Promise<Result>;
