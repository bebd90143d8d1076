import { getSystemErrorMap } from "node:util";
import { CliError } from "./cli-error.ts";
import { exitCodes } from "./exit-code.ts";
import { InterruptedError } from "./signals.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than the file system or a limit allows",
};

/**
 * Why a run ends that cannot write to standard output: as by a signal where whoever read it has gone, as "head" does; else
 * an error with a sentence.
 */
export function stdoutError(error: NodeJS.ErrnoException): InterruptedError | CliError {
  const { code = "", errno = 0 } = error;
  // The second is how Windows says it.
  if (code === "EPIPE" || code === "EOF") return new InterruptedError("SIGPIPE");
  const reason = reasons[code] ?? getSystemErrorMap().get(errno)?.[1] ?? error.message;
  return new CliError(`Cannot write to standard output: ${reason}`, { exitCode: exitCodes.failed, cause: error });
}
