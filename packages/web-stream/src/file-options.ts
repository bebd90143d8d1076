import { checkNumber, checkOneOf, longestMs } from "@carrel/core/kit";
import { checkRequired } from "@carrel/core/transfer";
import type { RequiredVerification } from "@carrel/core/transfer";
import { readTransferSettings, requireWhole } from "./transfer-options.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** Options of {@link openFile} and {@link openItemFile}. */
export interface FileStreamOptions extends Omit<TransferOptions, "fileName"> {
  /**
   * Makes the stream fail, rather than end, if the file is verified by less than this: `checksum` accepts the server's checksum
   * only, `manifest` an OVF manifest as well, and `length`, which is also `true`, the length that the server states as well,
   * unless an OVF manifest should verify the file and cannot.
   * @defaultValue false
   */
  readonly requireVerified?: RequiredVerification;
  /**
   * What to do where an OVF manifest of the item contradicts the file: `check` makes the stream fail, `report` puts the
   * contradiction into `facts.doubts`.
   * @defaultValue "check"
   */
  readonly manifest?: "check" | "report";
  /**
   * How long to wait, after the last byte, for the length and the checksum that the server states only then, in
   * milliseconds.
   * @defaultValue 5_000
   */
  readonly factsTimeoutMs?: number;
  /**
   * Gives up when the server makes no progress in preparing the file for this long, in milliseconds.
   * @defaultValue 300_000
   */
  readonly prepareTimeoutMs?: number;
}

export const defaultPrepareTimeoutMs = 300_000;

/**
 * Checks options before anything is requested.
 *
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 */
export function checkFileOptions(options: FileStreamOptions): void {
  const { prepareTimeoutMs = 1, factsTimeoutMs = 0, requireVerified = false, manifest = "check" } = options;
  readTransferSettings(options);
  checkNumber("prepareTimeoutMs", prepareTimeoutMs, { from: 1, to: longestMs, whole: true });
  checkNumber("factsTimeoutMs", factsTimeoutMs, { from: 0, to: longestMs, whole: true });
  checkOneOf("manifest", manifest, ["check", "report"]);
  checkRequired(requireVerified);
  if (requireVerified !== false) requireWhole("requireVerified", options);
}
