import type { Environment } from "../process/program-io.ts";

/** Width of a terminal: its own, or less where `COLUMNS` says so. Elsewhere `COLUMNS`, or 80. */
export function columnsOf(stream: { readonly isTTY?: boolean; readonly columns?: number }, env: Environment): number {
  const asked = Number(env["COLUMNS"]);
  const wanted = Number.isSafeInteger(asked) && asked > 0 ? asked : undefined;
  const real = stream.isTTY && stream.columns ? stream.columns : undefined;
  if (real !== undefined) return Math.min(real, wanted ?? real);
  return wanted ?? 80;
}
