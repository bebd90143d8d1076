import type { Command } from "commander";
import { usageError } from "../process/cli-error.ts";
import { explainFailure, failureEvent, failureLines } from "./explain-failure.ts";
import { jsonLine } from "../output/printable.ts";
import type { ProgramIo } from "../process/program-io.ts";

/** Tells what commander found wrong with a command line as all else is told that is wrong. */
export function tellUsage(
  command: Command,
  text: string,
  { json, io }: { readonly json: boolean; readonly io: ProgramIo },
): void {
  const [message = "", ...hints] = withoutValues(text).split("\n");
  const help = `Run "${pathOf(command)} --help" for usage`;
  const failure = explainFailure(usageError(message.replace(/^error: /u, ""), ...hints, help));
  for (const line of failureLines(failure)) io.stderr.write(`${line}\n`);
  if (json) io.stdout.write(`${jsonLine(failureEvent(failure))}\n`);
}

/**
 * Takes out what may be a secret in the wrong place, such as the value of "--pasword=…" or "-p…". Only what comes before a
 * value is looked at, whatever is in it.
 */
function withoutValues(text: string): string {
  const [, hint = ""] = /\n\((Did you mean [^\n]*)\)\n?$/u.exec(text) ?? [];
  const [, option] = /^error: unknown option '(--[a-z\d-]*|-.?)/isu.exec(text) ?? [];
  const [tooMany] = /^error: too many arguments.*? but got \d+/su.exec(text) ?? [];
  const message = option === undefined ? (tooMany ?? text) : `error: unknown option '${option}'`;
  return `${message.replace(`\n(${hint})`, "").trimEnd()}${hint && `\n${hint}`}`;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
