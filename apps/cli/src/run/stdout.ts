import process from "node:process";
import { CliError } from "../process/cli-error.ts";
import { printable } from "../output/printable.ts";
import { stdoutError } from "../process/stdout-error.ts";

/**
 * Sees to errors of writing for the life of the process. Where standard output fails, the process ends; where standard
 * error fails, nothing does, for what is said there is only said along the way, and the exit code still tells.
 */
export function guardOutput(): void {
  process.stdout.on("error", leave);
  process.stderr.on("error", () => undefined);
}

/** From now on calls back in place of ending the process, so that what was begun can be cleaned up. */
export function onStdoutError(stdout: NodeJS.WriteStream, callback: (error: Error) => void): void {
  stdout.off("error", leave);
  stdout.on("error", (error) => callback(stdoutError(error)));
}

function leave(cause: NodeJS.ErrnoException): void {
  const error = stdoutError(cause);
  if (error instanceof CliError) process.stderr.write(`carrel: ${printable(error.message)}\n`);
  process.exit(error.exitCode);
}
