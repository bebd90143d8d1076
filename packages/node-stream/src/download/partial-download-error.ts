import { CarrelError, TransferError } from "@carrel/core";
import type { CarrelErrorCode, CarrelErrorJson } from "@carrel/core";
import { standInFor } from "@carrel/core/kit";
import { systemCode } from "../files/fs-error.ts";
import type { DownloadReport } from "./report.ts";

/** A file of an item that could not be downloaded, and why. */
export interface FailedFile {
  /** Its name on the server. */
  readonly name: string;
  readonly error: CarrelError;
}

/** The most serious first: the first of them that occurred decides the code. */
const bySeriousness: readonly CarrelErrorCode[] = ["INTEGRITY", "TRANSFER", "PREPARE_FAILED"];

/**
 * Some files of an item could not be downloaded. The others are in `report`, with their final names. A later download fetches
 * what is missing.
 *
 * The error stands for the most serious failure, which is its `cause`: it has that error's message, `code` and other members
 * such as `problem`, and is an `instanceof` its class, so that a caller need not handle several failures differently from one.
 * An item with one file fails with the failure itself.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { downloadItem, PartialDownloadError } from "@carrel/node-stream";
 *
 * async function save(client: CarrelClient, itemId: string): Promise<void> {
 *   try {
 *     await downloadItem(client, itemId, "./out").report;
 *   } catch (error) {
 *     if (!(error instanceof PartialDownloadError)) throw error;
 *     for (const { name, error: reason } of error.failed) process.stderr.write(`${name}: ${reason.message}\n`);
 *   }
 * }
 * ```
 */
export class PartialDownloadError extends CarrelError {
  static override readonly brand: string = "PartialDownloadError";
  override readonly code: CarrelErrorCode;
  override readonly retryable: boolean;
  /** In the server's order. */
  readonly failed: readonly FailedFile[];
  /** The files that arrived. */
  readonly report: DownloadReport;

  constructor(failed: readonly [FailedFile, ...FailedFile[]], report: DownloadReport) {
    const worst = mostSerious(failed);
    super(messageOf(worst, failed.length), { cause: worst });
    standInFor(this, worst);
    this.code = worst.code;
    this.retryable = failed.some(({ error }) => error.retryable);
    this.failed = failed;
    this.report = report;
  }

  override toJSON(): CarrelErrorJson & { readonly failed: readonly { name: string; error: CarrelErrorJson }[] } {
    return { ...super.toJSON(), failed: this.failed.map(({ name, error }) => ({ name, error: error.toJSON() })) };
  }
}

function mostSerious(failed: readonly [FailedFile, ...FailedFile[]]): CarrelError {
  const errors = failed.map(({ error }) => error);
  const code = bySeriousness.find((wanted) => errors.some((error) => error.code === wanted));
  return errors.find((error) => error.code === code) ?? failed[0].error;
}

function messageOf({ message }: CarrelError, failed: number): string {
  if (failed === 1) return message;
  return `${message} (and ${failed - 1} more ${failed === 2 ? "file" : "files"} could not be downloaded)`;
}

/** Codes with which the file system refuses every file of a directory. */
const diskCodes: ReadonlySet<string> = new Set([
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "EIO",
  "ESTALE",
  "ENOENT",
  "ENOTDIR",
  "EMFILE",
  "ENFILE",
]);

/**
 * Returns whether a failure concerns one file, so that the others can still be downloaded. Any other concerns all of them: the
 * login, the session, the server, the disk, a lost lock, an abort, a fault of the program.
 */
export function concernsOneFile(error: unknown): error is CarrelError {
  if (!(error instanceof CarrelError)) return false;
  switch (error.code) {
    case "INTEGRITY":
    case "PREPARE_FAILED":
    case "NOT_FOUND":
    case "REJECTED":
    case "PROTOCOL":
      return true;
    case "TRANSFER": {
      const problem = error instanceof TransferError ? error.problem : undefined;
      if (problem === "disk") return !diskCodes.has(systemCode(error.cause) ?? "");
      return problem !== "lock-lost" && problem !== "locked" && problem !== "no-space";
    }
    case "AUTH":
    case "BUSY":
    case "TRANSPORT":
    case "TIMEOUT":
    case "SESSION_LOST":
    case "CERTIFICATE":
    case "MIRROR":
    case "VCSP":
    case "FLEET":
      return false;
    default:
      error.code satisfies never;
      return false;
  }
}
