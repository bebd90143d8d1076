import type { FileState } from "@carrel/core";
import { formatClock } from "./format.ts";

/** Silence of this length is shown. */
const silentMs = 3_000;

/**
 * Says why no bytes of a file arrive, if none do, in place of its rate: several texts, the longest first, for the room that there
 * is. `undefined` while they arrive.
 * @param nowMs - Now, by the clock that the events were folded with.
 */
export function transferState(file: FileState, nowMs: number): readonly string[] | undefined {
  const { reconnecting, receivedBytes, totalBytes, startedAtMs = nowMs, lastByteAtMs } = file;
  if (reconnecting !== undefined) {
    const { failures, leftMs, sinceMs } = reconnecting;
    if (leftMs === undefined) return [`reconnecting, try ${failures}`, `try ${failures}`];
    const left = formatClock(leftMs - (nowMs - sinceMs));
    return [`reconnecting, ${left} left`, `reconnecting ${left}`, `retry ${left}`, "retrying"];
  }
  const quietMs = nowMs - (lastByteAtMs ?? startedAtMs);
  if (quietMs < silentMs) return undefined;
  const clock = formatClock(quietMs);
  // All bytes are there: they are being compared, or the server is asked what they should be.
  if (totalBytes !== undefined && receivedBytes >= totalBytes) return [`verifying ${clock}`, "verify"];
  // Before the first byte the server may still be at work; and at the end of a length that nobody knows it owes nothing.
  const word = lastByteAtMs === undefined || totalBytes === undefined ? "waiting" : "stalled";
  return [`${word} ${clock}`, word];
}
