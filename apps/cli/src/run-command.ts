import process from "node:process";
import { redact } from "@carrel/core/internal";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { explainFailure, failureEvent } from "./explain-failure.ts";
import { isReaderGone, leaveQuietly } from "./output/leave-quietly.ts";
import { printableLines } from "./output/printable.ts";
import { createScreen } from "./output/screen.ts";
import type { Screen } from "./output/screen.ts";
import { watchSignals } from "./signals.ts";

const interruptNote = "Interrupted: tidying up. Ctrl-C again stops at once.";

/** One run of one command. */
export interface Run {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly debug: boolean;
  readonly screen: Screen;
  warn(message: string): void;
  /** Written only with --debug. */
  trace(message: string): void;
}

/** What the flags of a command say of how it runs. */
export interface RunOptions {
  readonly debug?: boolean;
  /** Errors go to standard output too, as JSON. */
  readonly json?: boolean;
  /** What is said at the first Ctrl-C. */
  readonly interruptNote?: string;
}

/** Runs a command: signals, errors and the exit code are seen to here. Never rejects. */
export async function runCommand(options: RunOptions, command: (run: Run) => Promise<ExitCode | void>): Promise<void> {
  const screen = createScreen(process.stdout, process.stderr);
  const debug = options.debug ?? false;
  const say = (text: string): void => screen.note(printableLines(redact(text)));
  using watch = watchSignals(() => say(options.interruptNote ?? interruptNote));
  const run: Run = {
    signal: watch.signal,
    debug,
    screen,
    warn: (message) => say(`Warning: ${message}`),
    trace: (message) => {
      if (debug) say(`debug: ${message}`);
    },
  };
  const fail = (error: unknown): void => {
    const failure = explainFailure(error);
    process.exitCode = failure.exitCode;
    for (const line of failure.lines) say(line);
    if (options.json) screen.print(JSON.stringify(failureEvent(failure)));
    if (debug) say(describeForDebug(error));
  };
  // From now on there may be something to tidy up first.
  process.stdout.off("error", leaveQuietly);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (isReaderGone(error)) watch.abort("SIGPIPE");
    else throw error;
  });
  // A fault of this program: no stack for it either, unless asked for.
  process.on("uncaughtException", (error) => {
    fail(error);
    process.exit();
  });
  try {
    process.exitCode = (await command(run)) ?? exitCodes.done;
  } catch (error) {
    fail(watch.signal.aborted ? watch.signal.reason : error);
  }
}

function describeForDebug(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error && lines.length < 10; cause = cause.cause) {
    lines.push(`debug: ${lines.length > 0 ? "caused by " : ""}${cause.stack ?? cause.message}`);
  }
  return lines.join("\n");
}
