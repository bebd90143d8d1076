import type { ConnectionFlags } from "../../settings/connection-settings.ts";

/** Flags of `carrel get`, as commander gives them. */
export interface GetFlags extends ConnectionFlags {
  readonly output?: string;
  readonly existing?: string;
  readonly concurrency?: string;
  readonly connections?: string;
  readonly limitRate?: string;
  readonly requireVerified?: boolean;
  readonly manifest?: "check" | "report";
  readonly prepareTimeout?: string;
  readonly stallTimeout?: string;
  readonly checksum?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly debug?: boolean;
}
