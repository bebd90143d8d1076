import { longestMs, parseHttpDate } from "./time.ts";

/**
 * How long to wait before the next try: a share of a bound that doubles with each failure. A random share from 0 to
 * below 1 is full jitter, which spreads clients that failed together. Does not follow semantic versioning.
 *
 * @param failures - Failures in a row so far, at least 1.
 * @param bounds - The bound after the first failure, and the largest bound, in milliseconds.
 * @param share - From 0 to 1, such as `Math.random()`.
 */
export function backOffMs(
  failures: number,
  bounds: { readonly firstMs: number; readonly longestMs: number },
  share: number,
): number {
  // The exponent is limited, because 0 times infinity is not a number.
  return share * Math.min(bounds.longestMs, bounds.firstMs * 2 ** Math.min(failures - 1, 64));
}

/**
 * How long a server asks to wait, in milliseconds, at most {@link longestMs}; undefined where it does not say. A date
 * in `Retry-After` is compared with the same answer's `Date`, never with the local clock, which may be wrong. Does not
 * follow semantic versioning.
 */
export function parseRetryAfter(
  retryAfter: string | null | undefined,
  date: string | null | undefined,
): number | undefined {
  const text = retryAfter?.trim() ?? "";
  if (/^\d+$/u.test(text)) return Math.min(Number(text) * 1000, longestMs);
  const until = parseHttpDate(text);
  const now = parseHttpDate(date);
  return until === undefined || now === undefined ? undefined : Math.min(Math.max(0, until - now), longestMs);
}
