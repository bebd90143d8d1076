import process from "node:process";
import { styleText } from "node:util";
import type { BarGlyphs } from "./progress-row.ts";

type Format = Parameters<typeof styleText>[0];

/** Colours a text for a stream: only on a terminal, and not where `NO_COLOR` is set. */
export function paint(stream: NodeJS.WriteStream, format: Format, text: string): string {
  // styleText alone would let FORCE_COLOR win over NO_COLOR.
  if (process.env["NO_COLOR"]) return text;
  return styleText(format, text, { stream });
}

/** Bars of block characters, or of plain ASCII where the terminal's character set may lack them. */
export function barGlyphs(): BarGlyphs {
  const locale = process.env["LC_ALL"] || process.env["LC_CTYPE"] || process.env["LANG"] || "";
  const unicode = process.platform === "linux" ? /utf-?8/iu.test(locale) && process.env["TERM"] !== "linux" : true;
  return unicode ? { full: "█", empty: "░", ellipsis: "…" } : { full: "#", empty: ".", ellipsis: ".." };
}
