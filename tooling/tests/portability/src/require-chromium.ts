import { findChromium } from "./chromium.ts";

/** Runs before the tests in Chromium. */
export function setup(): void {
  if (findChromium() !== undefined) return;
  const message =
    "There is no Chromium here, so the browser tests cannot run. Install it (Debian and Ubuntu: apt-get install chromium), " +
    "or name the executable of a Chromium or Chrome that you have in CHROMIUM_PATH.";
  // Vitest would print the stack, in which the sentence would get lost.
  throw Object.assign(new Error(message), { stack: message });
}
