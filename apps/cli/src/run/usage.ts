import type { Command } from "commander";
import { jsonLine } from "../output/printable.ts";
import { usageError } from "../process/cli-error.ts";
import type { ProgramIo } from "../process/program-io.ts";
import { adviceOnFlag } from "../settings/other-tools.ts";
import { adviceOnWord } from "./other-words.ts";

const why = "Is a variable unset?";
const currentDirectory = 'The current directory is ".".';

/** Reports what commander found wrong with a command line in the form of every other error. */
export async function reportUsage(
  command: Command,
  text: string,
  { json, io }: { readonly json: boolean; readonly io: ProgramIo },
): Promise<void> {
  // Loaded here: every start of the program loads this file, and few have such an error.
  const [{ explainFailure, errorLine, failureLines }, { messageFor }] = await Promise.all([
    import("./explain-failure.ts"),
    import("../output/screen.ts"),
  ]);
  const [message = "", ...hints] = withoutValues(text).split("\n");
  const advice = (command.parent === null ? adviceOnCommand(message) : undefined) ?? adviceOnOption(message);
  if (advice !== undefined) hints.splice(0, hints.length, advice);
  if (isOptionBelow(command, message)) hints.push("Options of a command come after it.");
  hints.push(`Run "${pathOf(command)} --help" for usage`);
  const failure = explainFailure(usageError(inSentenceCase(message.replace(/^error: /u, "")), ...hints));
  for (const line of failureLines(failure)) io.stderr.write(`${messageFor(io.stderr, io.env, line)}\n`);
  if (json) io.stdout.write(`${jsonLine(errorLine(failure))}\n`);
}

/**
 * Removes what may be a secret in the wrong place, such as the value of "--pasword=…" or "-p…". Only what comes before a
 * value is read, whatever the value contains.
 */
function withoutValues(text: string): string {
  const [, hint = ""] = /\n\((Did you mean [^\n]*)\)\n?$/u.exec(text) ?? [];
  const [, option] = /^error: unknown option '(--[a-z\d-]*|-.?)/isu.exec(text) ?? [];
  const [tooMany] = /^error: too many arguments.*? but got \d+/su.exec(text) ?? [];
  const message = option === undefined ? (tooMany ?? withChoicesApart(text)) : `error: unknown option '${option}'`;
  return `${message.replace(`\n(${hint})`, "").trimEnd()}${hint && `\n${hint}`}`;
}

/** What can be chosen is advice, and commander appends it to the fact. */
function withChoicesApart(text: string): string {
  return text.replace(/\. (Allowed choices are .*\.)$/mu, "\n$1");
}

/** Whether an unknown option of a command is one of the commands below it, and so only in the wrong place. */
function isOptionBelow({ commands }: Command, message: string): boolean {
  const [, option] = /^error: unknown option '(.*)'$/u.exec(message) ?? [];
  if (option === undefined) return false;
  return commands.some(({ options }) => options.some(({ long, short }) => option === long || option === short));
}

function adviceOnCommand(message: string): string | undefined {
  const [, word] = /^error: unknown command '(.*)'$/u.exec(message) ?? [];
  return word === undefined ? undefined : adviceOnWord(word);
}

function adviceOnOption(message: string): string | undefined {
  const [, flag] = /^error: unknown option '(.*)'$/u.exec(message) ?? [];
  return flag === undefined ? undefined : adviceOnFlag(flag);
}

function inSentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/**
 * Shows the help of the command that words lead to, such as `sessions rm`, and ends. Commander's own "help" reads the first
 * word only.
 * @throws CommanderError always: commander ends that way.
 */
export function showHelp(program: Command, words: readonly string[]): never {
  let command = program;
  for (const word of words) {
    // Options mean nothing here.
    if (word.startsWith("-")) continue;
    const next = command.commands.find((child) => child.name() === word);
    if (!next) return command.error(`error: unknown command '${word}'`);
    command = next;
  }
  return command.help();
}

/**
 * Refuses options and arguments that are empty. Nobody types them: in a script they are variables that are not set, and the
 * command without them would do something else than the script meant.
 * @throws CommanderError one is empty.
 */
export function refuseEmpty(command: Command): void {
  for (const [index, argument] of command.registeredArguments.entries()) {
    const name = argument.name();
    if (isEmpty(command.processedArgs[index])) refuse(command, `<${name}>`, name.startsWith("dir"));
  }
  for (const option of command.options) {
    // A password is refused anyway.
    if (option.hidden || !isEmpty(command.getOptionValue(option.attributeName()))) continue;
    refuse(command, option.long ?? option.flags, /<dir/u.test(option.flags));
  }
}

function isEmpty(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.includes(""));
}

function refuse(command: Command, name: string, isDirectory: boolean): never {
  return command.error(`error: ${name} is empty\n${why}${isDirectory ? ` ${currentDirectory}` : ""}`);
}
