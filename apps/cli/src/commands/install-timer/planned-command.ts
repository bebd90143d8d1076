import { CommanderError } from "commander";
import type { Command } from "commander";
import { usageError } from "../../process/cli-error.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";

/** A command line that is to run later. */
export interface PlannedCommand {
  /** The command and all that follows it. */
  readonly words: readonly string[];
  readonly operands: readonly string[];
  /** Those that say what is downloaded. */
  readonly sources: readonly string[];
  readonly flags: ConnectionFlags;
}

/**
 * Reads a command line as the program will, so that a mistake shows now and not at night.
 * @throws {@link CliError} exit code 2: it is wrong, or not a command that can be planned.
 */
export function planCommand(program: Command, words: readonly string[], more: readonly string[]): PlannedCommand {
  const [name = "", ...args] = words;
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined || (name !== "mirror" && name !== "get")) {
    const example = "For example: carrel install-timer --every 6h mirror Images /srv/images";
    throw usageError(`Cannot plan "${name}": only mirror and get`, "Flags of install-timer come before them.", example);
  }
  const all = [...args, ...more];
  const [operands, unknown] = parse(command, all);
  if (unknown.length > 0) throw usageError(`carrel ${name}: unknown option "${unknown[0] ?? ""}"`, helpOf(name));
  const needed = command.registeredArguments.filter(({ required }) => required).length;
  const isVariadic = command.registeredArguments.some(({ variadic }) => variadic);
  if (operands.length < needed || (!isVariadic && operands.length > command.registeredArguments.length)) {
    throw usageError(`carrel ${name}: ${operands.length} arguments where ${needed} are expected`, helpOf(name));
  }
  if (operands.includes("") || all.includes("")) throw usageError(`carrel ${name}: an argument is empty`);
  const flags = command.opts<ConnectionFlags & { readonly dryRun?: boolean; readonly output?: string }>();
  if (flags.dryRun === true)
    throw usageError(
      "Cannot plan a dry run",
      "To see the units without writing them, put it first: carrel install-timer --dry-run …",
    );
  if (flags.output === "-") throw usageError("Cannot plan -o -: nobody would read it");
  const sources = name === "mirror" ? operands.slice(0, -1) : operands;
  return { words: [name, ...all], operands, sources, flags };
}

function parse(command: Command, args: readonly string[]): readonly [readonly string[], readonly string[]] {
  try {
    const { operands, unknown } = command.parseOptions([...args]);
    return [operands, unknown];
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // All messages of commander begin with it.
    const fact = error.message.slice("error: ".length);
    throw usageError(`carrel ${command.name()}: ${fact}`, helpOf(command.name()));
  }
}

function helpOf(name: string): string {
  return `Run "carrel ${name} --help" for usage`;
}
