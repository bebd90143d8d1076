import { defined } from "@carrel/core/kit";
import { statusOf, storeCodeOf } from "./store-error.ts";
import type { Condition } from "./store-features.ts";

/** A part of an upload that is copied from another object. */
export interface CopiedPart {
  readonly uploadId: string;
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** Whether a write was refused because something else has the key than what was demanded. */
export function isConflict(error: unknown, condition: Condition): boolean {
  const status = statusOf(error);
  if (status === 412 || status === 409) return true;
  // What is to be replaced is gone.
  return "etag" in condition && storeCodeOf(error) === "NoSuchKey";
}

/** Answers `undefined` where what a request is about does not exist. */
export function absent(error: unknown): undefined {
  const code = storeCodeOf(error);
  if (code === "NoSuchKey" || code === "NotFound" || code === "NoSuchUpload") return;
  throw error;
}

/** The signal of a request, as the SDK takes it. */
export function abortedBy(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return defined({ abortSignal: signal });
}

/** Signs the hash that is known already, so that the SDK need not compute it again. */
export function signedHash(sha256: Buffer) {
  const hash = sha256.toString("hex");
  return <Args extends { request?: unknown }, Result>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      const { headers } = args.request as { readonly headers: Record<string, string> };
      headers["x-amz-content-sha256"] = hash;
      return next(args);
    };
}

/** Of an object of several parts, stores state the checksum of their checksums, with their number behind it; not all say so. */
export function wholeChecksum(sha256: string | undefined): string | undefined {
  return sha256 !== undefined && /^[^-]{43}=$/u.test(sha256) ? sha256 : undefined;
}
