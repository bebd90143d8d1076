import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

const usualFolders = process.platform === "win32" ? ["C:\\Program Files\\Go\\bin"] : ["/usr/local/go/bin"];
const executable = process.platform === "win32" ? "go.exe" : "go";

/** What to tell somebody on whose machine {@link findGo} finds nothing. */
export const goMissing: string = `Go was not found: neither on PATH nor in ${usualFolders.join(", ")}.`;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Finds the `go` command: on PATH first, then where Go's own installer puts it. */
export function findGo(
  path: string = process.env["PATH"] ?? "",
  fallbacks: readonly string[] = usualFolders,
): string | undefined {
  return [...path.split(delimiter), ...fallbacks]
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, executable))
    .find(isExecutable);
}
