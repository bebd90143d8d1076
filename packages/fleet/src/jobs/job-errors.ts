import { CarrelError } from "@carrel/core";
import type { CarrelErrorJson } from "@carrel/core";
import { redact } from "@carrel/core/kit";

/** Returns an error as it is written to the database and into events. */
export function errorJson(error: unknown): CarrelErrorJson {
  if (error instanceof CarrelError) return error.toJSON();
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, code: "FLEET", message: redact(message), retryable: true };
}

/** Codes of failures that concern the server, the login or the network: an item is tried again after them. */
const passing: ReadonlySet<string> = new Set(["AUTH", "CERTIFICATE", "FLEET", "NOT_FOUND", "PROTOCOL"]);

/** Returns whether trying again cannot help before somebody does something about it: then it is not tried 25 times. */
export function isLasting(error: unknown): boolean {
  return error instanceof CarrelError && !error.retryable && !passing.has(error.code);
}
