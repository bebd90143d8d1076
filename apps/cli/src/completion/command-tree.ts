import type { Argument, Command, Option } from "commander";

/** What can be typed at a place. */
export type ValueKind =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" | "folder" | "text" };

/** An option as the help shows it. */
export interface OptionNode {
  /** Such as `-o` and `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Absent for a switch. */
  readonly value: ValueKind | undefined;
}

/** A command as the help shows it. */
export interface CommandNode {
  readonly name: string;
  /** The words that lead to it, the program's name first. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly arguments: readonly ValueKind[];
  readonly commands: readonly CommandNode[];
}

/** What a program's help says of its commands, as data. Hidden commands and options are left out. */
export function commandTree(command: Command, above: readonly string[] = []): CommandNode {
  const help = command.createHelp();
  const path = [...above, command.name()];
  return {
    name: command.name(),
    path,
    description: help.subcommandDescription(command),
    options: help.visibleOptions(command).map(describeOption),
    arguments: command.registeredArguments.map((argument) => valueOf(argument, argument.name())),
    commands: help.visibleCommands(command).map((child) => commandTree(child, path)),
  };
}

/** A command and all below it. */
export function allCommands(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.commands.flatMap(allCommands)];
}

function describeOption(option: Option): OptionNode {
  const placeholder = /[<[]([^>\]]*)[>\]]/u.exec(option.flags)?.[1];
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    description: option.description,
    value: placeholder === undefined ? undefined : valueOf(option, placeholder),
  };
}

function valueOf({ argChoices }: Argument | Option, placeholder: string): ValueKind {
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  if (placeholder.startsWith("file")) return { kind: "file" };
  return { kind: placeholder.startsWith("dir") ? "folder" : "text" };
}
