import type { Command } from "commander";
import { version } from "../gen/package.gen.ts";
import { wrap } from "../output/wrap.ts";
import { connectionLine, helpOptions, helpSections, moreHelpOf } from "./program-command.ts";
import { helpTopics, topicBlocks } from "./topics.ts";
import type { Topic } from "./topics.ts";
import type { Block, Entry } from "./layout.ts";

/** Longer lines of the source are bad style to the tools that check it. */
const sourceColumns = 78;

/** The topics that manual pages by convention have under another heading. */
const headings: Readonly<Partial<Record<Topic, string>>> = { "exit-codes": "EXIT STATUS" };

/**
 * Writes the manual: a page for the program with all topics, and one for each command with what is below it. Derived from what
 * the help shows, so that there is nothing to keep up to date. Returns the pages by the names of their files.
 */
export function manualPages(program: Command): ReadonlyMap<string, string> {
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== "help");
  const pages = new Map([["carrel.1", programPage(program, commands)]]);
  for (const command of commands) pages.set(`carrel-${command.name()}.1`, commandPage(command));
  return pages;
}

function programPage(program: Command, commands: readonly Command[]): string {
  const help = program.createHelp();
  const lines = [
    ...beginning("carrel", help.commandDescription(program)),
    ...synopsisOf(program),
    ".SH DESCRIPTION",
    ...paragraph(help.commandDescription(program)),
    "Each command has a page of its own, such as carrel\\-get(1).",
  ];
  for (const { heading, entries } of helpSections(program)) {
    lines.push(`.SH ${escape(heading.replace(/:$/u, "").toUpperCase())}`, ...entriesOf(entries));
  }
  for (const topic of helpTopics) {
    lines.push(`.SH ${headings[topic] ?? topic.toUpperCase()}`, ...blocksOf(topicBlocks(topic), ".SS"));
  }
  lines.push(".SH EXAMPLES", ...examplesOf(moreHelpOf(program)));
  lines.push(".SH SEE ALSO", commands.map((command) => `carrel\\-${escape(command.name())}(1)`).join(",\n"));
  return pageOf(lines);
}

function commandPage(command: Command): string {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== "help");
  const lines = [
    ...beginning(`carrel-${command.name()}`, help.subcommandDescription(command)),
    ...[command, ...children].flatMap((each, index) => (index === 0 ? synopsisOf(each) : [".br", ...usageOf(each)])),
    ".SH DESCRIPTION",
    ...paragraph(help.commandDescription(command)),
    ...listsOf(command, ".SH"),
    ...blocksOf(moreHelpOf(command), ".SH"),
  ];
  for (const child of children) {
    lines.push(`.SH ${escape(`carrel ${command.name()} ${child.name()}`.toUpperCase())}`);
    lines.push(...paragraph(help.commandDescription(child)), ...listsOf(child, ".SS"));
    lines.push(...blocksOf(moreHelpOf(child), ".SS"));
  }
  if ([command, ...children].some((each) => helpOptions(each).connects)) {
    lines.push(".SH CONNECTION", ...paragraph(`${connectionLine}, and the section CONNECTION of carrel(1).`));
  }
  lines.push(".SH SEE ALSO", "carrel(1)");
  return pageOf(lines);
}

/** Joins lines. A paragraph begins by itself below a heading. */
function pageOf(lines: readonly string[]): string {
  const kept = lines.filter((line, index) => line !== ".PP" || !/^\.S[HS] /u.test(lines[index - 1] ?? ""));
  return `${kept.join("\n")}\n`;
}

function beginning(name: string, summary: string): readonly string[] {
  return [
    `.TH ${escape(name.toUpperCase())} 1 "" "carrel ${version}" "Carrel Manual"`,
    ".SH NAME",
    `${escape(name)} \\- ${escape(summary.replace(/\.$/u, ""))}`,
  ];
}

function synopsisOf(command: Command): readonly string[] {
  return [".SH SYNOPSIS", ...usageOf(command)];
}

function usageOf(command: Command): readonly string[] {
  const usage = command.createHelp().commandUsage(command);
  const [, words = usage, rest = ""] = /^([a-z -]+?)(?: ([[<].*))?$/u.exec(usage) ?? [];
  return [`.B ${escape(words)}`, ...(rest === "" ? [] : [text(rest)])];
}

/** Arguments, options and commands. What is below a command has sections of its own. */
function listsOf(command: Command, macro: ".SH" | ".SS"): readonly string[] {
  return helpSections(command)
    .filter(({ heading }) => heading !== "Commands:")
    .flatMap(({ heading, entries }) => [headingOf(heading, macro), ...entriesOf(entries)]);
}

function headingOf(heading: string, macro: ".SH" | ".SS"): string {
  const words = heading.replace(/:$/u, "");
  return `${macro} ${escape(macro === ".SH" ? words.toUpperCase() : words)}`;
}

function examplesOf(blocks: readonly Block[]): readonly string[] {
  const at = blocks.findIndex((block) => block.kind === "heading" && block.text === "Examples:");
  return blocksOf(blocks.slice(at + 1, at + 2), ".SS");
}

function blocksOf(blocks: readonly Block[], macro: ".SH" | ".SS"): readonly string[] {
  return blocks.flatMap((block) => {
    if (block.kind === "heading") return [headingOf(block.text, macro)];
    return block.kind === "paragraph" ? [".PP", ...paragraph(block.text)] : entriesOf(block.entries);
  });
}

function entriesOf(entries: readonly Entry[]): readonly string[] {
  const lines: string[] = [];
  let isVerbatim = false;
  for (const { term, text: words } of entries) {
    if (words !== undefined) {
      if (isVerbatim) lines.push(".fi");
      lines.push(".TP", `\\fB${escape(term)}\\fR`, ...paragraph(words));
    } else {
      lines.push(...(isVerbatim ? [] : [".PP", ".nf"]), text(term));
    }
    isVerbatim = words === undefined;
  }
  return isVerbatim ? [...lines, ".fi"] : lines;
}

function paragraph(words: string): readonly string[] {
  return wrap(escape(words), sourceColumns).map(asText);
}

/** A line of text as it is. */
function text(line: string): string {
  return asText(escape(line));
}

/** Keeps a line from being a request. */
function asText(escaped: string): string {
  return /^[.'\s]/u.test(escaped) ? `\\&${escaped}` : escaped;
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  '"': "\\(dq",
};

/** Makes characters stand for themselves. What is not in ASCII is written by its code point. */
function escape(words: string): string {
  return words.replaceAll(/[\\\-'`^~"]|[^ -~]/gu, (character) => {
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0") ?? "";
    return escapes[character] ?? `\\[u${code}]`;
  });
}
