import { setImmediate } from "node:timers/promises";

/** Waits until all that a stream was given is written, or was refused and its listeners told. An abort ends the waiting. */
export async function written(stream: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  if (stream.writableLength > 0 && !signal.aborted) {
    await new Promise<void>((resolve) => {
      stream.write("", () => resolve());
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  // Streams tell their errors in a later turn.
  await setImmediate();
}
