import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { execFile } from "node:child_process";
import { rename, rm } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";

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

/** A command that a Go module of the workspace holds. */
export interface GoCommand {
  readonly name: string;
  /** The folder of its Go module. */
  readonly module: string;
  /** Where the executable is once it is built. Git ignores the folder. */
  readonly binary: string;
  /** What is built: a package of the module, or of one that it depends on. */
  readonly source: string;
}

/** Describes the command of the Go module at `folder`; `source` where it is the one of a module that this one depends on. */
export function goCommand(name: string, folder: URL, source: string = "."): GoCommand {
  const file = process.platform === "win32" ? `bin/${name}.exe` : `bin/${name}`;
  return { name, module: fileURLToPath(folder), binary: fileURLToPath(new URL(file, folder)), source };
}

const run = promisify(execFile);

/**
 * Builds a command with the given `go`, and resolves with the time it took in milliseconds. The first build on a machine
 * takes some minutes and fetches modules from the Go module proxy; later ones take a second.
 */
export async function buildGoCommand(go: string, command: GoCommand): Promise<number> {
  const { name, module, binary, source } = command;
  const started = performance.now();
  // Linked under another name first: another process may be running, or building, the same command.
  const linked = `${binary}.${process.pid}`;
  try {
    await run(go, ["build", "-o", linked, source], { cwd: module });
    await rename(linked, binary);
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim();
    const detail = output === undefined || output === "" ? "See the cause." : output;
    throw new Error(`${name} could not be built in ${module} with ${go}.\n${detail}`, { cause: error });
  } finally {
    await rm(linked, { force: true });
  }
  return performance.now() - started;
}
