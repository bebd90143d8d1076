import process from "node:process";
import type { Clock } from "@carrel/core";
import type { ExitCode } from "./cli-error.ts";

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A signal that ends a run. */
export type Interrupting = "SIGHUP" | "SIGINT" | "SIGPIPE" | "SIGTERM" | "SIGBREAK";

/** The process around a run. Injected, so that a run in a test does not need a process of its own. */
export interface ProgramIo {
  /** The time that waiting goes by; the platform's where absent. */
  readonly clock?: Clock;
  readonly env: Environment;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Calls back at each interrupting signal, until disposed. */
  onInterrupt(listener: (signal: Interrupting) => void): Disposable;
  /** Interrupts as Ctrl-C does: a terminal in raw mode sends a character in place of the signal. */
  interrupt(): void;
  /** Calls back at uncaught exceptions, for the rest of the process. */
  onFault(listener: (error: Error) => void): void;
  /** Sets the code that the process ends with. */
  setExitCode(exitCode: ExitCode): void;
  /** Ends the process at once. */
  exit(exitCode: ExitCode): void;
}

// The last one is Ctrl-Break, which only Windows sends.
const interrupting: readonly Interrupting[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"];

/** This process. */
export const processIo: ProgramIo = {
  env: process.env,
  // A getter: a process that has opened its standard input may not end.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  onInterrupt(listener) {
    const onSignal = (name: NodeJS.Signals): void => listener(name as Interrupting);
    for (const name of interrupting) process.on(name, onSignal);
    return {
      [Symbol.dispose]() {
        for (const name of interrupting) process.off(name, onSignal);
      },
    };
  },
  interrupt: () => void process.emit("SIGINT", "SIGINT"),
  onFault: (listener) => void process.on("uncaughtException", listener),
  setExitCode: (exitCode) => (process.exitCode = exitCode),
  exit: (exitCode) => process.exit(exitCode),
};
