import type { RequiredVerification } from "@carrel/core/transfer";
import type { TransferOptions } from "../transfer/transfer-options.ts";

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
   * What to do where an OVF manifest of the item contradicts the file.
   *
   * - `check`: the stream fails, even where the file matches the server's checksum: then the manifest is wrong.
   * - `report`: the file counts as verified by whatever else it matches, and the contradiction is in `facts.doubts`.
   * @defaultValue "check"
   */
  readonly manifest?: "check" | "report";
  /**
   * How long to wait, after the last byte, for the length and the checksum that the server states only then, in
   * milliseconds, at most 2_147_483_647. See `DownloadItemOptions.factsTimeoutMs`.
   * @defaultValue 5_000
   */
  readonly factsTimeoutMs?: number;
  /**
   * Gives up when the server makes no progress in preparing the file for this long, in milliseconds, at most
   * 2_147_483_647, about 24 days.
   * @defaultValue 300_000
   */
  readonly prepareTimeoutMs?: number;
}
