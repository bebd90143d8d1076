import { constants } from "node:os";
import process from "node:process";
import type { ExitCode } from "./exit-code.ts";

type Interrupting = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGPIPE";

/** The run was interrupted by a signal. */
export class InterruptedError extends Error {
  override readonly name: string = "InterruptedError";
  /** As shells count: 128 and the number of the signal, 130 for Ctrl-C. */
  readonly exitCode: ExitCode;

  constructor(signal: Interrupting) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Turns the first interrupting signal into an abort. The second one ends the process at once. */
export interface SignalWatch extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts without a word, as if the signal had come. */
  abort(name: Interrupting): void;
}

/**
 * Watches for Ctrl-C and its kin until disposed.
 * @param onFirst - Called once, at the first signal, after the abort.
 */
export function watchSignals(onFirst: () => void): SignalWatch {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    const reason = new InterruptedError(name as Interrupting);
    if (controller.signal.aborted) process.exit(reason.exitCode);
    controller.abort(reason);
    onFirst();
  };
  const names: readonly Interrupting[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    abort: (name) => controller.abort(new InterruptedError(name)),
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
