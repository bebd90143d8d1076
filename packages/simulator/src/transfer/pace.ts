import type { Clock } from "@carrel/core";
import { sleep } from "../clock/sleep.ts";

/** Holds bytes back to a rate. */
export interface Pace {
  /** Cuts a chunk so that the rate is even. */
  pieces(chunk: Uint8Array): Iterable<Uint8Array>;
  /** Waits until more may be sent. */
  wait(sentBytes: number, signal: AbortSignal): Promise<void> | undefined;
}

const freely: Pace = { pieces: (chunk) => [chunk], wait: () => undefined };

/** A pace of so many bytes a second; undefined: none. */
export function pace(clock: Clock, bytesPerSecond: number | undefined): Pace {
  if (bytesPerSecond === undefined) return freely;
  const startedAt = clock.now();
  const pieceBytes = Math.max(1, Math.min(64 * 1024, Math.ceil(bytesPerSecond / 20)));
  let sent = 0;
  return {
    *pieces(chunk) {
      for (let at = 0; at < chunk.length; at += pieceBytes) yield chunk.subarray(at, at + pieceBytes);
    },
    wait(sentBytes, signal) {
      sent += sentBytes;
      const early = startedAt + (sent / bytesPerSecond) * 1000 - clock.now();
      return early > 0 ? sleep(clock, early, signal) : undefined;
    },
  };
}
