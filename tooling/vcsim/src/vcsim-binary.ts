import process from "node:process";
import { fileURLToPath } from "node:url";

/** The folder of the Go module. */
export const goModule: string = fileURLToPath(new URL("..", import.meta.url));

/** Where the built server is. Git ignores the folder. */
export const vcsimBinary: string = fileURLToPath(
  new URL(process.platform === "win32" ? "../bin/vcsim.exe" : "../bin/vcsim", import.meta.url),
);
