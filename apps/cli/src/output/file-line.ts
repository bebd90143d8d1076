import type { VerifiedBy } from "@carrel/core";
import { formatBytes, formatRate } from "./format.ts";

/** How a file was verified, in words. */
export const verifiedWords: Readonly<Record<VerifiedBy, string>> = {
  checksum: "verified by checksum",
  manifest: "verified by manifest",
  length: "verified by length",
  nothing: "UNVERIFIED",
};

/** What one line says of a finished file. */
export interface FileLine {
  readonly name: string;
  readonly sizeBytes: number;
  readonly verifiedBy: VerifiedBy;
  /** Absent where nothing was transferred. */
  readonly bytesPerSecond?: number | undefined;
  readonly skipped: boolean;
}

/**
 * One line on a finished file: size, how verified, throughput, and the name last, so that it is never cut off.
 * @param paint - Colours the words on the verification.
 */
export function fileLine(file: FileLine, paint: (verifiedBy: VerifiedBy, text: string) => string): string {
  const size = formatBytes(file.sizeBytes).padStart(10);
  const words = paint(file.verifiedBy, verifiedWords[file.verifiedBy].padEnd(20));
  const rate = file.bytesPerSecond === undefined ? "" : formatRate(file.bytesPerSecond);
  return `${size}  ${words}  ${(file.skipped ? "exists" : rate).padStart(12)}  ${file.name}`;
}
