import { performance } from "node:perf_hooks";
import type { Screen } from "./screen.ts";

/** What is done by then needs no word. */
const patienceMs = 400;

/** Shows at the bottom of a terminal how far something is, if it takes a while, until disposed. */
export function showStatus(screen: Screen, text: () => string | undefined): Disposable {
  const startedAt = performance.now();
  return screen.showBars(() => {
    const note = performance.now() - startedAt < patienceMs ? undefined : text();
    return note === undefined ? [] : [{ label: "Looking:", receivedBytes: 0, note }];
  });
}
