import { Command, Help } from "commander";
import type { AddHelpTextContext, AddHelpTextPosition, Option } from "commander";
import { connectionGroup } from "../settings/connection-settings.ts";
import { layOutBlocks, readBlocks } from "./layout.ts";
import type { Block, Entry } from "./layout.ts";

/** A command whose help fits the terminal, and whose help texts can be read by what writes the manual. */
export class ProgramCommand extends Command {
  /** What {@link addHelpText} added, in its order. */
  readonly moreHelp: string[] = [];

  override createCommand(name?: string): Command {
    return new ProgramCommand(name);
  }

  override createHelp(): Help {
    return Object.assign(new ProgramHelp(), this.configureHelp());
  }

  override addHelpText(position: AddHelpTextPosition, text: string): this;
  override addHelpText(position: AddHelpTextPosition, text: (context: AddHelpTextContext) => string): this;
  override addHelpText(_position: AddHelpTextPosition, text: unknown): this {
    if (typeof text !== "string") throw new TypeError("A help text that depends on its context cannot be laid out");
    this.moreHelp.push(text);
    return this;
  }
}

/** A part of the help of a command: its heading, and what stands below it. */
export interface HelpSection {
  readonly heading: string;
  readonly entries: readonly Entry[];
}

function isForConnecting({ helpGroupHeading, hidden }: Option): boolean {
  return helpGroupHeading === connectionGroup && !hidden;
}

/** Returns the options of a command that its help lists, and whether it has flags for connecting, which a topic lists. */
export function helpOptions(command: Command): { readonly options: readonly Option[]; readonly connects: boolean } {
  const all = command.createHelp().visibleOptions(command);
  const options = all.filter((option) => !isForConnecting(option));
  return { options, connects: options.length < all.length };
}

/**
 * Returns what the help of a command lists: arguments, options, and commands by group.
 * @param isTopic - Lists flags for connecting alone, which are otherwise left out.
 */
export function helpSections(
  command: Command,
  { isTopic = false }: { readonly isTopic?: boolean } = {},
): readonly HelpSection[] {
  const help = command.createHelp();
  const sections = new Map<string, Entry[]>();
  const add = (heading: string, entry: Entry): void => {
    const entries = sections.get(heading) ?? [];
    sections.set(heading, entries);
    entries.push(entry);
  };
  for (const argument of help.visibleArguments(command)) {
    add("Arguments:", { term: help.argumentTerm(argument), text: help.argumentDescription(argument) });
  }
  const listed = isTopic ? command.options.filter(isForConnecting) : helpOptions(command).options;
  for (const option of listed) {
    const heading = isTopic ? connectionGroup : (option.helpGroupHeading ?? "Options:");
    add(heading, { term: help.optionTerm(option), text: help.optionDescription(option) });
  }
  for (const child of help.visibleCommands(command)) {
    const term = command.parent === null ? child.name() : help.subcommandTerm(child);
    add(child.helpGroup() || "Commands:", { term, text: help.subcommandDescription(child) });
  }
  return [...sections].map(([heading, entries]) => ({ heading, entries }));
}

/** What stands at the end of the help of a command that connects to a vCenter. */
export const connectionLine = "Flags and variables for connecting: carrel help connection";

/** Returns the texts that a command has below its lists. */
export function moreHelpOf(command: Command): readonly Block[] {
  return command instanceof ProgramCommand ? command.moreHelp.flatMap(readBlocks) : [];
}

class ProgramHelp extends Help {
  /** Commander's own quotes what can be chosen. */
  override optionDescription({ description, argChoices, defaultValue }: Option): string {
    const choices =
      argChoices === undefined ? "" : new Intl.ListFormat("en-GB", { type: "disjunction" }).format(argChoices);
    const otherwise = typeof defaultValue === "string" ? `default: ${defaultValue}` : "";
    const more = [choices, otherwise].filter((text) => text !== "").join("; ");
    return more === "" ? description : `${description} (${more})`;
  }

  override formatHelp(command: Command, help: Help): string {
    const blocks: Block[] = [
      { kind: "paragraph", text: `Usage: ${help.commandUsage(command)}` },
      { kind: "paragraph", text: help.commandDescription(command) },
      ...helpSections(command).flatMap(({ heading, entries }): readonly Block[] => [
        { kind: "heading", text: heading },
        { kind: "entries", entries },
      ]),
      ...moreHelpOf(command),
      ...(helpOptions(command).connects ? ([{ kind: "paragraph", text: connectionLine }] as const) : []),
    ];
    return `${layOutBlocks(blocks, help.helpWidth ?? 80)}\n`;
  }
}
