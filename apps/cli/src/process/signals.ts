import type { ExitCode } from "./cli-error.ts";
import type { Interrupting, ProgramIo } from "./program-io.ts";

// Not those of `os.constants`, which lacks the signals that a system does not have, such as SIGPIPE on Windows.
const numbers: Readonly<Record<Interrupting, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGPIPE: 13,
  SIGTERM: 15,
  SIGBREAK: 21,
};

/** The run was interrupted by a signal. */
export class InterruptedError extends Error {
  override readonly name: string = "InterruptedError";
  /** As shells count: 128 and the number of the signal, 130 for Ctrl-C. The same on every system. */
  readonly exitCode: ExitCode;

  constructor(signal: Interrupting) {
    super(`Interrupted by ${signal}`);
    this.exitCode = 128 + numbers[signal];
  }
}

/** Turns the first interrupting signal into an abort. A second one ends the process at once. */
export interface SignalWatch extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts like a signal, without calling back. */
  abort(reason: Error): void;
}

/**
 * Watches for Ctrl-C and other interrupting signals until disposed.
 * @param onFirst - Called once, at the first signal, after the abort.
 */
export function watchSignals(io: ProgramIo, onFirst: (reason: InterruptedError) => void): SignalWatch {
  const controller = new AbortController();
  // Not the same as aborted: a run that cleans up after an error has not been interrupted yet.
  let isInterrupted = false;
  const interrupts = io.onInterrupt((name) => {
    const reason = new InterruptedError(name);
    if (isInterrupted) io.exit(reason.exitCode);
    isInterrupted = true;
    controller.abort(reason);
    onFirst(reason);
  });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => interrupts[Symbol.dispose](),
  };
}
