import { setTimeout } from "node:timers/promises";

/** Waits until a condition holds. Rejects when it does not within 20 seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Still not true after 20 seconds: ${String(condition)}`);
    await setTimeout(1);
  }
}
