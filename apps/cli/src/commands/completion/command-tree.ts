import type { Argument, Command, Option } from "commander";
import { helpTopics } from "../../help/topics.ts";

/** What can be typed at a place. */
export type ValueKind =
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** What this machine knows without asking a server: see `remembered.ts`. */
  | { readonly kind: "remembered"; readonly what: RememberedKind }
  | { readonly kind: "file" | "directory" | "text" };

/**
 * Kinds of remembered values. `library-name` is a name, where the others are paths, in which a slash is escaped; a `member` is one
 * that may lead into an archive.
 */
export type RememberedKind =
  | "member"
  | "path"
  | "item"
  | "library"
  | "library-name"
  | "context"
  | "host"
  | "mirror"
  | "server";

/** An option as the help shows it. */
export interface OptionNode {
  /** Such as `-o` and `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Absent for a switch. */
  readonly value: ValueKind | undefined;
  /** Whether it may be given several times. */
  readonly repeatable: boolean;
}

/** An argument of a command. */
export interface ArgumentNode {
  readonly value: ValueKind;
  /** Whether more of it may follow. */
  readonly repeatable: boolean;
}

/** A command as the help shows it. */
export interface CommandNode {
  readonly name: string;
  /** The words that lead to it, the program's name first. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionNode[];
  /** In their order. Where there are commands, the first one may be one of them instead. */
  readonly arguments: readonly ArgumentNode[];
  readonly commands: readonly CommandNode[];
}

/** Describes the commands of a program as its help does. Leaves out hidden commands and options. */
export function commandTree(command: Command, above: readonly string[] = []): CommandNode {
  const help = command.createHelp();
  const path = [...above, command.name()];
  const children = help.visibleCommands(command);
  const names = children.map((child) => child.name()).filter((name) => name !== "help");
  return {
    name: command.name(),
    path,
    description: help.subcommandDescription(command),
    options: help.visibleOptions(command).map(describeOption),
    arguments: command.registeredArguments.map(describeArgument),
    commands: children.map((child) => {
      const node = commandTree(child, path);
      const words = above.length === 0 ? [...names, ...helpTopics] : names;
      const others = { value: { kind: "words", words }, repeatable: false } as const;
      // Commander's own "help", whose argument is one of the other commands.
      return node.name === "help" ? { ...node, arguments: [others] } : node;
    }),
  };
}

/** A command and all below it. */
export function allCommands(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.commands.flatMap(allCommands)];
}

/** Returns what can be typed first, second and so on after a command; its commands count as the first. */
export function placesOf({ commands, arguments: values }: CommandNode): readonly ArgumentNode[] {
  if (commands.length === 0) return values;
  const [first, ...others] = values;
  const words = [...commands.map(({ name }) => name), ...(first?.value.kind === "words" ? first.value.words : [])];
  return [{ value: { kind: "words", words }, repeatable: false }, ...others];
}

function describeOption(option: Option): OptionNode {
  const placeholder = /[<[]([^>\]]*)[>\]]/u.exec(option.flags)?.[1];
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    description: option.description,
    // A value that may be absent follows "=", in the same word.
    value: placeholder === undefined || option.optional ? undefined : valueOf(option, placeholder),
    repeatable: option.variadic,
  };
}

function describeArgument(argument: Argument): ArgumentNode {
  return { value: valueOf(argument, argument.name()), repeatable: argument.variadic };
}

function valueOf(option: Argument | Option, placeholder: string): ValueKind {
  const { argChoices } = option;
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  const what = rememberedAs(option, placeholder);
  if (what !== undefined) return { kind: "remembered", what };
  if (placeholder.startsWith("file")) return { kind: "file" };
  return { kind: placeholder.startsWith("dir") ? "directory" : "text" };
}

/** By how the help calls it. */
function rememberedAs(option: Argument | Option, placeholder: string): RememberedKind | undefined {
  if ("long" in option) {
    if (option.long === "--context") return "context";
    if (option.long === "--server") return "server";
    if (option.long === "--library") return "library-name";
  }
  switch (placeholder) {
    case "context":
      return "context";
    case "host[:port]":
      return "host";
    case "library":
      return "library";
    case "mirror":
    case "mirror[/item]":
      return "mirror";
    default:
      if (placeholder.includes("[/member")) return "member";
      if (/^library(?:\/item|\[\/item)\[?\[?\/file/u.test(placeholder)) return "path";
      return /^library\/?\[?\/?item/u.test(placeholder) ? "item" : undefined;
  }
}
