import type { DownloadSpace } from "@carrel/core";
import { formatBytes, formatCount } from "./format.ts";

/** From how many bytes on it is worth a line before the first byte. */
const worthALine = 1024 ** 3;

/** Describes what is to be fetched, and the space for it: `187.5 MiB to fetch, 41.0 MiB there already, 1.2 TiB free`. */
export function describeSpace({ freeBytes, ...need }: DownloadSpace): string {
  return `${describeNeed(need)}, ${describeFree(freeBytes)}`;
}

/** The same without the space. */
export function describeNeed({ neededBytes, thereBytes, unknownFiles }: Omit<DownloadSpace, "freeBytes">): string {
  const parts = [`${formatBytes(neededBytes)} to fetch`];
  if (unknownFiles > 0) parts.push(`${formatCount(unknownFiles, "file")} of unknown size`);
  if (thereBytes > 0) parts.push(`${formatBytes(thereBytes)} there already`);
  return parts.join(", ");
}

/** Describes how much can be written: `1.2 TiB free`. */
export function describeFree(freeBytes: number | undefined): string {
  return freeBytes === undefined ? "free space unknown" : `${formatBytes(freeBytes)} free`;
}

/** Whether so much is to be fetched that it is worth a line before the first byte. */
export function isWorthALine(bytes: number): boolean {
  return bytes >= worthALine;
}
