import type { FileState } from "@carrel/core";
import { formatClock, formatPart } from "./format.ts";

/** Silence of this length is shown. */
const silentMs = 3_000;

/**
 * Says why no bytes of a file arrive, if none do, in place of its rate: several texts, the longest first, for the room that there
 * is. `undefined` while they arrive.
 * @param nowMs - Now, by the clock that the events were folded with.
 */
export function transferState(file: FileState, nowMs: number): readonly string[] | undefined {
  const { reconnecting, rereading, receivedBytes, totalBytes, startedAtMs = nowMs, lastByteAtMs } = file;
  if (reconnecting !== undefined) {
    const { failures, leftMs, sinceMs } = reconnecting;
    if (leftMs === undefined) return [`reconnecting, try ${failures}`, `try ${failures}`];
    const left = formatClock(leftMs - (nowMs - sinceMs));
    return [`reconnecting, ${left} left`, `reconnecting ${left}`, `retry ${left}`, "retrying"];
  }
  const quietMs = nowMs - (lastByteAtMs ?? startedAtMs);
  if (quietMs < silentMs) return rereading && rereadingTexts(rereading);
  const clock = formatClock(quietMs);
  // All bytes are there: they are being compared, or the server is asked what they should be.
  if (totalBytes !== undefined && receivedBytes >= totalBytes) return [`verifying ${clock}`, "verify"];
  // Before the first byte the server may still be at work; and at the end of a length that nobody knows it owes nothing.
  const word = lastByteAtMs === undefined || totalBytes === undefined ? "waiting" : "stalled";
  return [`${word} ${clock}`, word];
}

/** Without digits after the point, for which there is no room beside a bar. */
function rereadingTexts({ comparedBytes, keptBytes }: NonNullable<FileState["rereading"]>): readonly string[] {
  const part = formatPart({ receivedBytes: comparedBytes, totalBytes: keptBytes }).replaceAll(/\.\d+/gu, "");
  const percent = `${Math.floor((comparedBytes / keptBytes) * 100)}%`;
  return [`rereading ${part}`, `rereading ${percent}`, "rereading"];
}
