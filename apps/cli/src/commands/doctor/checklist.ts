import { defined, redact } from "@carrel/core/kit";
import { printable } from "../../output/printable.ts";
import { exitCodes } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { explainFailure, jsonError } from "../../run/explain-failure.ts";
import type { JsonError } from "../../run/explain-failure.ts";
import type { Run } from "../../run/run-command.ts";

/** What a check found. */
export interface CheckResult<T> {
  readonly status?: "ok" | "warning";
  readonly message: string;
  /** What to do about a warning. */
  readonly hints?: readonly string[];
  /** What later checks need. */
  readonly value: T;
}

interface Line {
  readonly status: keyof typeof colours;
  readonly message: string;
  readonly hints: readonly string[];
  readonly error?: JsonError;
}

/** Hints stand below messages. */
const margin = " ".repeat(26);

const colours = { ok: "green", warning: "yellow", failure: "red" } as const;

/** Runs checks one after the other, and writes a line about each to standard output. */
export class Checklist {
  readonly #run: Run;
  readonly #json: boolean;
  #exitCode: ExitCode = exitCodes.done;

  constructor(run: Run, { json }: { readonly json: boolean }) {
    this.#run = run;
    this.#json = json;
  }

  /** That of the first failure; 0 where there was none. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /** Runs a check. Returns its value; `undefined` after a failure. */
  async check<T>(name: string, check: () => Promise<CheckResult<T>>): Promise<T | undefined> {
    const result = await this.require(name, check);
    if (result === undefined) return undefined;
    const { status = "ok", message, hints = [], value } = result;
    this.#write(name, { status, message, hints });
    return value;
  }

  /** Does something that later checks need, and writes a line only where it fails. */
  async require<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#run.signal.throwIfAborted();
      const failure = explainFailure(error, this.#run.io.env);
      const shown = jsonError(failure);
      this.#write(name, { status: "failure", message: shown.message, hints: failure.hints, error: shown });
      if (this.#exitCode === exitCodes.done) this.#exitCode = shown.exitCode;
      return undefined;
    }
  }

  #write(name: string, { status, hints, ...line }: Line): void {
    const { screen } = this.#run;
    const message = redact(line.message);
    if (this.#json) {
      const { error } = line;
      screen.printJson({ type: "step", name, status, message, hints: hints.map(redact), ...defined({ error }) });
      return;
    }
    const mark = status.padEnd(7);
    const [first = "", ...others] = screen.fit(`${mark}  ${name.padEnd(15)}  ${printable(message)}`, margin);
    const print = (text: string): void => (status === "ok" ? screen.print(text) : screen.printFailure(text));
    print(screen.paint(colours[status], mark) + first.slice(mark.length));
    for (const part of others) print(part);
    for (const hint of hints) for (const part of screen.fit(`${margin}${printable(redact(hint))}`)) print(part);
  }
}
