import { usageError } from "../process/cli-error.ts";

const factors: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };
const maxBytes = 1024 ** 5;
// Timers hold 2^31 - 1 milliseconds, which is a little more.
const maxSeconds = 24 * 24 * 3600;
const maxCount = 1000;

/**
 * Reads a number of bytes: `500000`, `50M`, `1.5G`. The letters count in 1024s, as for curl.
 * @param flag - Such as `--limit-rate`, for the message.
 */
export function parseBytes(text: string, flag: string): number {
  const [, digits = "", letter = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?(?:\/s)?$/iu.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(digits) * (factors[letter.toUpperCase()] ?? Number.NaN));
  if (digits !== "" && bytes >= 1 && bytes <= maxBytes) return bytes;
  throw usageError(
    `${flag}: invalid value "${text}"`,
    "Use a number of bytes from 1 to 1024T, such as 500000, 50M or 1.5G.",
  );
}

/** Reads a number of seconds above 0 and up to 24 days, returns milliseconds. */
export function parseSeconds(text: string, flag: string): number {
  const ms = Math.round(parseDecimal(text) * 1000);
  if (ms >= 1 && ms <= maxSeconds * 1000) return ms;
  throw usageError(
    `${flag}: invalid value "${text}"`,
    `Use a number of seconds from 0.001 to ${maxSeconds}, which is 24 days.`,
  );
}

/** Reads a whole number from 1 to 1000. */
export function parseCount(text: string, flag: string): number {
  const count = parseDecimal(text);
  if (Number.isInteger(count) && count >= 1 && count <= maxCount) return count;
  throw usageError(`${flag}: invalid value "${text}"`, `Use a whole number from 1 to ${maxCount}.`);
}

/** Digits, and a point among them; neither `0x10` nor `1e3`, which are mostly mistakes. NaN for all else. */
function parseDecimal(text: string): number {
  return /^\d+(?:\.\d+)?$/u.test(text.trim()) ? Number(text) : Number.NaN;
}
