import { CarrelError } from "@carrel/core";
import type { PartialDownloadError } from "@carrel/node-stream";

/**
 * Whether an error is one of several files, of which some arrived. By its members and not by its class, so that only commands
 * that transfer something load what transfers need.
 */
export function isPartialDownload(error: unknown): error is PartialDownloadError {
  return error instanceof CarrelError && "failed" in error && Array.isArray(error.failed) && "report" in error;
}
