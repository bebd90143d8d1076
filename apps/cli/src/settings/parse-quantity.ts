import { usageError } from "../cli-error.ts";

const factors: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/**
 * Reads a number of bytes: `500000`, `50M`, `1.5G`. The letters count in 1024s, as for curl.
 * @param flag - Such as `--limit-rate`, for the message.
 */
export function parseBytes(text: string, flag: string): number {
  const [, digits = "", letter = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?(?:\/s)?$/iu.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(digits) * (factors[letter.toUpperCase()] ?? Number.NaN));
  if (digits !== "" && bytes >= 1) return bytes;
  throw usageError(`${flag} cannot be "${text}".`, "It is a number of bytes above 0, such as 500000, 50M or 1.5G.");
}

/** Reads a number of seconds above 0, returns milliseconds. */
export function parseSeconds(text: string, flag: string): number {
  const ms = Math.round(Number(text) * 1000);
  if (text.trim() !== "" && Number.isFinite(ms) && ms >= 1) return ms;
  throw usageError(`${flag} cannot be "${text}".`, "It is a number of seconds above 0.");
}

/** Reads a whole number of at least 1. */
export function parseCount(text: string, flag: string): number {
  const count = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(count) && count >= 1) return count;
  throw usageError(`${flag} cannot be "${text}".`, "It is a whole number above 0.");
}
