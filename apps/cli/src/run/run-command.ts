import { stripVTControlCharacters } from "node:util";
import { defined, redact } from "@carrel/core/kit";
import { exitCodes } from "../process/cli-error.ts";
import type { ExitCode } from "../process/cli-error.ts";
import { explainFailure, errorLine, failureLines } from "./explain-failure.ts";
import type { Failure } from "./explain-failure.ts";
import { RunHooks } from "./hooks.ts";
import { onStdoutError, written } from "./stdout.ts";
import type { HookFlags } from "../settings/hook-options.ts";
import type { OutputFlags } from "../settings/output-options.ts";
import { LogFile } from "../output/log-file.ts";
import { printable } from "../output/printable.ts";
import { Screen } from "../output/screen.ts";
import type { ProgramIo } from "../process/program-io.ts";
import { InterruptedError, watchSignals } from "../process/signals.ts";

const interruptNote = "Interrupted, cleaning up. Press Ctrl-C again to stop immediately";

/** How long a run may clean up after a fault of this program. */
const graceMs = 10_000;

/** How long a run that was interrupted may clean up, in milliseconds. Tests shorten it. */
export const cleanup: { limitMs: number } = { limitMs: 60_000 };

/** One run of one command. */
export interface Run {
  readonly io: ProgramIo;
  /** Aborted by Ctrl-C, and where standard output cannot be written. */
  readonly signal: AbortSignal;
  /** Whether settings, requests and transfers are traced. */
  readonly verbose: boolean;
  /** Whether they are traced with all details. */
  readonly debug: boolean;
  readonly screen: Screen;
  warn(message: string): void;
  /** Written only with --verbose and --debug; with --quiet to the log file alone. */
  trace(message: string): void;
  /** Says what the run, or a part of it, comes to, for --ping and --on-failure. */
  summarize(text: string): void;
  /**
   * Has the run sum itself up when it has ended, whatever ended it: after the error, before the last line of --json.
   * @param sumUp - Receives whether the run has failed.
   */
  atEnd(sumUp: (hasFailed: boolean) => void): void;
}

/** The flags that every command has. */
export interface RunOptions extends OutputFlags, HookFlags {
  /** Also writes errors to standard output, as JSON. */
  readonly json?: boolean;
  /** Whether what the command prints is what was asked for, such as a listing: shown with --quiet, too. */
  readonly answers?: boolean;
  readonly dryRun?: boolean;
  /** What to say at the first Ctrl-C. */
  readonly interruptNote?: string;
}

/** Runs a command: handles signals, errors and the exit code. Never rejects. */
export async function runCommand(
  io: ProgramIo,
  options: RunOptions,
  command: (run: Run) => Promise<ExitCode | void>,
): Promise<void> {
  const screen = new Screen(io);
  screen.isQuiet = options.quiet ?? false;
  screen.hasAnswers = options.answers ?? false;
  const { debug = false, verbose = debug } = options;
  // A server's text may contain line breaks; this stays one line.
  const say = (line: string): void => screen.note(printable(redact(line)));
  let cleaningUp: NodeJS.Timeout | undefined;
  using watch = watchSignals(io, ({ exitCode }) => {
    say(options.interruptNote ?? interruptNote);
    cleaningUp = setTimeout(() => {
      say(
        `Cleaning up took longer than ${cleanup.limitMs / 1_000} s: stopped. Some sessions may be left on the server`,
      );
      io.exit(exitCode);
    }, cleanup.limitMs).unref();
  });
  let summary: string | undefined;
  const summing: ((hasFailed: boolean) => void)[] = [];
  const run: Run = {
    io,
    signal: watch.signal,
    verbose,
    debug,
    screen,
    warn: (message) => say(`Warning: ${message}`),
    trace: (message) => {
      if (verbose) screen.remark(printable(redact(`${debug ? "debug" : "verbose"}: ${message}`)));
    },
    summarize: (text) => {
      const plain = stripVTControlCharacters(text);
      summary = summary === undefined ? plain : `${summary} ${plain}`;
    },
    atEnd: (sumUp) => void summing.push(sumUp),
  };
  const tell = (error: unknown): Failure => {
    const failure = explainFailure(error, io.env);
    io.setExitCode(failure.exitCode);
    for (const line of failureLines(failure)) screen.note(line);
    if (debug) for (const line of describeForDebug(error)) say(`debug: ${line}`);
    return failure;
  };
  // The last line, after whatever was reported while cleaning up.
  const conclude = (failure: Failure): void => {
    if (options.json) screen.printJson(errorLine(failure));
  };
  let unwritten: Error | undefined;
  onStdoutError(io.stdout, (error) => {
    unwritten ??= error;
    watch.abort(error);
  });
  // A fault of this program is reported at once, because nothing is known about what still works.
  let broken: Failure | undefined;
  io.onFault((error) => {
    if (broken !== undefined) return;
    const failure = tell(error);
    broken = failure;
    watch.abort(error);
    setTimeout(() => {
      conclude(failure);
      io.exit(failure.exitCode);
    }, graceMs).unref();
  });
  let log: LogFile | undefined;
  let hooks: RunHooks | undefined;
  let end: Pick<Failure, "exitCode" | "message"> & Partial<Failure> = { exitCode: exitCodes.done, message: undefined };
  try {
    if (options.logFile !== undefined) {
      log = LogFile.open(options.logFile, (message) => run.warn(message));
      screen.log = (line) => log?.write(line);
    }
    const { onFailure, ping, dryRun, logFile } = options;
    hooks = RunHooks.begin({ ...defined({ onFailure, ping, dryRun }), env: io.env, logFile, write: say });
    const exitCode = (await command(run)) ?? exitCodes.done;
    for (const sumUp of summing) sumUp(exitCode !== exitCodes.done);
    await written(io.stdout, watch.signal);
    if (unwritten !== undefined && exitCode === exitCodes.done) throw unwritten;
    end = broken ?? { exitCode, message: undefined };
    if (broken === undefined) io.setExitCode(exitCode);
    else conclude(broken);
  } catch (error) {
    const failure = broken ?? tell(watch.signal.aborted ? watch.signal.reason : error);
    end = failure;
    // Nobody reads any more, and what is not read need not be written.
    if (!(unwritten instanceof InterruptedError)) for (const sumUp of summing) sumUp(true);
    conclude(failure);
  } finally {
    const said = end.message ?? summary ?? (end.exitCode > 128 ? "interrupted" : "");
    await hooks?.end({ exitCode: end.exitCode, code: end.facts?.code, summary: printable(redact(said)) });
    clearTimeout(cleaningUp);
    log?.[Symbol.dispose]();
  }
}

function describeForDebug(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    const { name, message, stack = "" } = cause;
    // The message may hold lines that look like a stack.
    const frames = stack.slice(Math.max(0, stack.indexOf(message)) + message.length).split("\n");
    lines.push(`${depth > 0 ? "caused by " : ""}${name}: ${message}`, ...frames.filter((line) => line.trim() !== ""));
  }
  return lines;
}
