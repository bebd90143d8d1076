import { constants } from "node:os";
import process from "node:process";

/** Whether whoever read our output has gone, as "head" does. Windows has another word for it. */
export function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === "EPIPE" || code === "EOF";
}

/** Ends the process without a word when whoever read our output has gone. For errors of standard output. */
export function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (isReaderGone(error)) process.exit(128 + constants.signals.SIGPIPE);
  throw error;
}
