import { redact } from "@carrel/core/kit";
import { explainFailure, failureEvent } from "../../run/explain-failure.ts";
import { exitCodes } from "../../process/exit-code.ts";
import type { ExitCode } from "../../process/exit-code.ts";
import { printable } from "../../output/printable.ts";
import type { Run } from "../../run/run-command.ts";

/** What one step found. */
export interface Finding {
  readonly status?: "ok" | "warning";
  readonly text: string;
  /** What to do about a warning. */
  readonly advice?: readonly string[];
}

/** Steps that are taken one after the other, each told in a line. */
export interface Examination {
  /** That of the first failure; 0 where there was none. */
  readonly exitCode: ExitCode;
  /** Takes a step. Returns what it returns, or `undefined` after a failure. */
  step<T>(name: string, take: () => Promise<{ readonly finding: Finding; readonly value: T }>): Promise<T | undefined>;
  /** Takes a step that is told only where it fails. */
  require<T>(name: string, take: () => Promise<T>): Promise<T | undefined>;
}

interface Told {
  readonly status: keyof typeof colours;
  readonly text: string;
  readonly advice?: readonly string[];
  readonly exitCode?: ExitCode;
  readonly code?: string;
}

const colours = { ok: "green", warning: "yellow", failure: "red" } as const;

/** Begins an examination that writes to standard output. */
export function createExamination({ screen, signal }: Run, { json }: { readonly json: boolean }): Examination {
  let exitCode: ExitCode = exitCodes.done;
  const tell = (name: string, { status, text, advice = [], exitCode: failed, code }: Told): void => {
    if (json) {
      const said = { text: redact(text), advice: advice.map(redact) };
      return screen.printJson({ type: "step", name, status, ...said, exitCode: failed, code });
    }
    const mark = screen.paint(colours[status], status.padEnd(7));
    screen.print(`${mark}  ${name.padEnd(15)}  ${printable(redact(text))}`);
    for (const line of advice) screen.print(`${" ".repeat(26)}${printable(redact(line))}`);
  };
  const attempt = async <T>(name: string, take: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await take();
    } catch (error) {
      signal.throwIfAborted();
      const failure = explainFailure(error);
      const { exitCode: failed, code, message: text } = failureEvent(failure);
      tell(name, { status: "failure", text, advice: failure.hints, exitCode: failed, ...(code && { code }) });
      if (exitCode === exitCodes.done) exitCode = failed;
      return undefined;
    }
  };
  return {
    get exitCode() {
      return exitCode;
    },
    async step(name, take) {
      const taken = await attempt(name, take);
      if (taken) tell(name, { status: "ok", ...taken.finding });
      return taken?.value;
    },
    require: attempt,
  };
}
