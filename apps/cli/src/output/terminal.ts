import process from "node:process";
import { styleText } from "node:util";
import type { Environment } from "../process/program-io.ts";
import type { BarGlyphs } from "./progress-row.ts";

/** Colours and other styles, as `styleText` accepts them. */
export type Format = Parameters<typeof styleText>[0];

/** Colours a text for a stream: only on a terminal, and not where `NO_COLOR` is set. */
export function paint(stream: NodeJS.WriteStream, env: Environment, format: Format, text: string): string {
  // styleText alone would let FORCE_COLOR win over NO_COLOR.
  if (env["NO_COLOR"]) return text;
  return styleText(format, text, { stream });
}

/** Returns block characters for bars, or ASCII where the terminal's character set may lack them. */
export function barGlyphs(env: Environment): BarGlyphs {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const unicode = process.platform === "linux" ? /utf-?8/iu.test(locale) && env["TERM"] !== "linux" : true;
  return unicode ? { full: "█", empty: "░", ellipsis: "…" } : { full: "#", empty: ".", ellipsis: ".." };
}

/** Returns the width of a terminal: its own, or less where `COLUMNS` says so. Elsewhere `COLUMNS`, or 80. */
export function columnsOf(stream: { readonly isTTY?: boolean; readonly columns?: number }, env: Environment): number {
  const asked = Number(env["COLUMNS"]);
  const wanted = Number.isSafeInteger(asked) && asked > 0 ? asked : undefined;
  const real = stream.isTTY && stream.columns ? stream.columns : undefined;
  if (real !== undefined) return Math.min(real, wanted ?? real);
  return wanted ?? 80;
}
