import { setTimeout } from "node:timers/promises";

/** Waits until a condition holds. Throws when it does not within ten seconds. */
export async function waitFor(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never true: ${String(condition)}`);
    await setTimeout(1);
  }
}
