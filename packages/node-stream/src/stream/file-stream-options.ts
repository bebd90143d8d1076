import type { TransferOptions } from "../transfer/transfer-options.ts";

/** Options of {@link openFile} and {@link openItemFile}. */
export interface FileStreamOptions extends Omit<TransferOptions, "fileName"> {
  /**
   * Makes the stream fail, rather than end, where the file has neither checksum, manifest nor length to be compared with,
   * and where an OVF manifest should have proved it and cannot, and the server states no checksum.
   * @defaultValue false
   */
  readonly requireVerified?: boolean;
  /**
   * What to do where an OVF manifest of the item contradicts the file.
   *
   * - `check`: the stream fails, also where the server's checksum agrees: then the manifest is wrong.
   * - `report`: the file counts as verified by what else agrees, and the contradiction is in `facts.doubts`.
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
   * Gives up when the server made no progress in preparing the file for this long, in milliseconds, at most
   * 2_147_483_647, some 24 days.
   * @defaultValue 300_000
   */
  readonly prepareTimeoutMs?: number;
}
