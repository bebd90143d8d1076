import type { ChecksumAlgorithm } from "@carrel/core";

/** From when on a download session tells a fact of a file. */
export type ReportedFrom = "always" | "prepared" | "downloaded" | "never";

/** What the server tells of files. */
export interface ReportRules {
  /**
   * From when on a session's file has its `size`.
   * @defaultValue "always"
   */
  readonly size?: ReportedFrom;
  /**
   * From when on a session's file has its `checksum_info`. It is computed when it is first asked for.
   * @defaultValue "downloaded"
   */
  readonly checksum?: ReportedFrom;
  /**
   * How long after the last byte a `size` that is told from `downloaded` on is there, in milliseconds.
   * @defaultValue 0
   */
  readonly sizeDelayMs?: number;
  /**
   * How long after the last byte a `checksum_info` that is told from `downloaded` on is there, in milliseconds.
   * @defaultValue 0
   */
  readonly checksumDelayMs?: number;
  /**
   * How a `size` or `checksum_info` that is not told is written: left out, or as `null`.
   * @defaultValue "absent"
   */
  readonly unset?: "absent" | "null";
  /** @defaultValue "SHA256" */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  /**
   * Whether the files of library items have a checksum too.
   * @defaultValue false
   */
  readonly itemChecksum?: boolean;
}

/** The rules with their defaults filled in. */
export function reportRules(rules: ReportRules): Required<ReportRules> {
  return {
    size: "always",
    checksum: "downloaded",
    sizeDelayMs: 0,
    checksumDelayMs: 0,
    unset: "absent",
    checksumAlgorithm: "SHA256",
    itemChecksum: false,
    ...rules,
  };
}
