import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { getSystemErrorMap } from "node:util";
import { printable } from "../output/printable.ts";
import { CliError, exitCodes } from "../process/cli-error.ts";
import { InterruptedError } from "../process/signals.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than the file system or a limit allows",
};

/**
 * Handles errors of writing for the life of the process. If standard output fails, the process ends. If standard error fails,
 * it continues: the exit code still says how the run ended.
 */
export function guardOutput(): void {
  process.stdout.on("error", leave);
  process.stderr.on("error", () => undefined);
}

/** From now on calls back instead of ending the process, so that the run can clean up. */
export function onStdoutError(stdout: NodeJS.WriteStream, callback: (error: Error) => void): void {
  stdout.off("error", leave);
  stdout.on("error", (error) => callback(stdoutError(error)));
}

function leave(cause: NodeJS.ErrnoException): void {
  const error = stdoutError(cause);
  if (error instanceof CliError) process.stderr.write(`carrel: ${printable(error.message)}\n`);
  process.exit(error.exitCode);
}

/**
 * Why a run ends that cannot write to standard output: as by a signal where the reader has gone, as `head` does; otherwise an
 * error.
 */
function stdoutError(error: NodeJS.ErrnoException): InterruptedError | CliError {
  const { code = "", errno = 0 } = error;
  // Windows reports the second.
  if (code === "EPIPE" || code === "EOF") return new InterruptedError("SIGPIPE");
  const reason = reasons[code] ?? getSystemErrorMap().get(errno)?.[1] ?? error.message;
  return new CliError(`Cannot write to standard output: ${reason}`, { exitCode: exitCodes.failed, cause: error });
}

/** Waits until everything is written to a stream, or its listeners know of the error. An abort ends the wait. */
export async function written(stream: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  if (stream.writableLength > 0 && !signal.aborted) {
    await new Promise<void>((resolve) => {
      stream.write("", () => resolve());
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  // Streams emit their errors in a later turn.
  await setImmediate();
}
