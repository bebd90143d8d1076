import type { Content } from "../content/content.ts";
import type { HttpExchange } from "../server/http-exchange.ts";
import { writeChunk } from "./write-chunk.ts";

/** What may happen while a body is sent. */
export interface BodyWatch {
  /** Rejects with its reason when aborted. */
  readonly signal: AbortSignal;
  /** Called after each chunk. */
  readonly onChunk: () => void;
}

/** Sends the bytes from `start` to `end` (excluded), as fast as the client takes them, and finishes the answer. */
export async function sendBody(
  exchange: HttpExchange,
  content: Content,
  start: number,
  end: number,
  watch: BodyWatch,
): Promise<void> {
  const stopped = rejection(watch.signal);
  try {
    for await (const chunk of content.read(start, end)) {
      await Promise.race([writeChunk(exchange.response, chunk), stopped.promise]);
      exchange.countSent(chunk.length);
      watch.onChunk();
    }
  } finally {
    stopped.stop();
  }
  await exchange.finishAndFlush();
}

function rejection(signal: AbortSignal): { readonly promise: Promise<never>; readonly stop: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return { promise, stop: () => signal.removeEventListener("abort", onAbort) };
}
