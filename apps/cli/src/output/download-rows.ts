import type { FileProgress } from "./download-progress.ts";
import { formatCount } from "./format.ts";
import { printable } from "./printable.ts";
import type { ProgressRow } from "./progress-row.ts";

/** The rows of a download: one for each file on its way, as many as the terminal has room for, and one for all. */
export function downloadRows(files: readonly FileProgress[], terminalRows: number): readonly ProgressRow[] {
  if (files.length === 0) return [];
  const active = files.filter((file) => file.phase === "preparing" || file.phase === "transferring");
  return [...active.slice(0, Math.max(0, terminalRows - 3)).map(toRow), totalRow(files)];
}

function toRow(file: FileProgress): ProgressRow {
  const { receivedBytes, totalBytes, bytesPerSecond, etaMs } = file;
  const note = file.phase === "preparing" ? "being prepared by the server" : undefined;
  return { label: printable(file.name), receivedBytes, totalBytes, bytesPerSecond, etaMs, note };
}

function totalRow(files: readonly FileProgress[]): ProgressRow {
  const done = files.filter((file) => file.phase === "done").length;
  const receivedBytes = sum(files, (file) => file.receivedBytes);
  const bytesPerSecond = sum(files, (file) => file.bytesPerSecond);
  const known = files.every((file) => file.totalBytes !== undefined);
  const totalBytes = known ? sum(files, (file) => file.totalBytes ?? 0) : undefined;
  const left = totalBytes === undefined ? undefined : totalBytes - receivedBytes;
  const etaMs = left === undefined || bytesPerSecond === 0 ? undefined : (left / bytesPerSecond) * 1000;
  return { label: `${done} of ${formatCount(files.length, "file")}`, receivedBytes, totalBytes, bytesPerSecond, etaMs };
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
