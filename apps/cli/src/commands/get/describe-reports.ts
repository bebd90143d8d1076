import { dirname } from "node:path";
import type { DownloadReport } from "@carrel/node-stream";
import { formatBytes, formatCount, formatDuration, formatRate } from "../../output/format.ts";
import { describeVerdict } from "../../output/verdict.ts";

/** Sums downloads up, in two lines: how much of what, how long it took, how it was verified, and where it is. */
export function describeReports(reports: readonly DownloadReport[], durationMs: number): readonly string[] {
  const files = reports.flatMap((report) => report.files);
  if (files.length === 0) return ["No files."];
  const sizeBytes = sum(files.map((file) => file.sizeBytes));
  const receivedBytes = sum(reports.map((report) => report.receivedBytes));
  const ofItems = reports.length > 1 ? ` of ${formatCount(reports.length, "item")}` : "";
  const rate = durationMs > 0 && receivedBytes > 0 ? ` (${formatRate(receivedBytes / (durationMs / 1000))})` : "";
  const what = `${formatCount(files.length, "file")}${ofItems}, ${formatBytes(sizeBytes)} in ${formatDuration(durationMs)}`;
  return [`${what}${rate}, ${describeVerdict(reports)}.`, ...describePlace(reports)];
}

function describePlace([first, ...others]: readonly DownloadReport[]): readonly string[] {
  if (first === undefined) return [];
  if (others.length === 0) return [`Saved to ${first.folder}`];
  return [`Saved to ${dirname(first.folder)}, in a directory per item`];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
