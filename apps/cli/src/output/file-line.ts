import type { VerifiedBy } from "@carrel/core";
import { formatBytes, formatRate } from "./format.ts";
import { padEnd } from "./text-width.ts";

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
  readonly by: VerifiedBy;
  /** Absent where nothing was transferred. */
  readonly bytesPerSecond?: number | undefined;
  readonly skipped: boolean;
}

/**
 * One line on a finished file: name, size, how verified, throughput.
 * @param nameColumns - Width of the column of names, so that lines stand below each other.
 * @param paint - Colours the words on the verification.
 */
export function fileLine(file: FileLine, nameColumns: number, paint: (by: VerifiedBy, text: string) => string): string {
  const name = padEnd(file.name, nameColumns);
  const size = formatBytes(file.sizeBytes).padStart(10);
  const words = verifiedWords[file.by].padEnd(20);
  const rate = file.bytesPerSecond === undefined ? "" : formatRate(file.bytesPerSecond).padStart(12);
  return `${name}  ${size}  ${paint(file.by, words)}  ${file.skipped ? "was there already" : rate}`.trimEnd();
}
