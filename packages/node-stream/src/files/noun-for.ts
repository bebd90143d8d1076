import type { Stats } from "node:fs";
import { kindOf } from "./look-at.ts";

/** What something on the disk is, such as `a file`. */
export function nounFor(stats: Stats): string {
  return `a ${kindOf(stats)}`;
}
