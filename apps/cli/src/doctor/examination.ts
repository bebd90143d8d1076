import { explainFailure } from "../explain-failure.ts";
import { exitCodes } from "../exit-code.ts";
import type { ExitCode } from "../exit-code.ts";
import { printable } from "../output/printable.ts";
import { paint } from "../output/style.ts";
import type { Run } from "../run-command.ts";

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
}

const colours = { ok: "green", warning: "yellow", failure: "red" } as const;

/** Begins an examination that writes to standard output. */
export function createExamination({ screen, signal }: Run): Examination {
  let exitCode: ExitCode = exitCodes.done;
  const tell = (status: keyof typeof colours, name: string, text: string, advice: readonly string[]): void => {
    const mark = paint(screen.stdout, colours[status], status.padEnd(7));
    screen.print(`${mark}  ${name.padEnd(15)}  ${printable(text)}`);
    for (const line of advice) screen.print(`${" ".repeat(26)}${printable(line)}`);
  };
  return {
    get exitCode() {
      return exitCode;
    },
    async step(name, take) {
      try {
        const { finding, value } = await take();
        tell(finding.status ?? "ok", name, finding.text, finding.advice ?? []);
        return value;
      } catch (error) {
        signal.throwIfAborted();
        const failure = explainFailure(error);
        const [first = "", ...hints] = failure.lines;
        tell(
          "failure",
          name,
          first.replace(/^carrel: /u, "").replaceAll(/\n */gu, " "),
          hints.map((hint) => hint.replace(/^ {2}/u, "")),
        );
        if (exitCode === exitCodes.done) exitCode = failure.exitCode;
        return undefined;
      }
    },
  };
}
