const maxDelayMs = 20_000;

/** What the server asks to wait, in milliseconds: `Retry-After` in seconds or as a date. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const delayMs = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(delayMs) ? Math.min(Math.max(delayMs, 0), maxDelayMs) : undefined;
}

/** Full jitter: a random wait below a bound that doubles with each failure, at most 20 s. `random` is in [0, 1). */
export function backOffMs(failures: number, baseDelayMs: number, random: number): number {
  return random * Math.min(baseDelayMs * 2 ** (failures - 1), maxDelayMs);
}
