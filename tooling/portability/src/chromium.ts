import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macOs = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** Said where there is no Chromium. */
const chromiumMissing =
  "There is no Chromium here, so the browser tests cannot run. Install it (Debian and Ubuntu: apt-get install chromium), " +
  "or name the executable of a Chromium or Chrome that you have in CHROMIUM_PATH.";

/** Flags for a browser that runs as root, in a container, without a network. */
export const chromiumFlags: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The machine's own Chromium or Chrome. @throws Error where there is none, saying what to do. */
export function findChromium(): string {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  const onPath = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const found = (CHROMIUM_PATH ? [CHROMIUM_PATH] : [...onPath, macOs]).find(isExecutable);
  if (found === undefined) throw withoutStack(chromiumMissing);
  return found;
}

/** Vitest prints the stack of an error in its configuration, in which the sentence would get lost. */
function withoutStack(message: string): Error {
  return Object.assign(new Error(message), { stack: message });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
