import { Option } from "commander";
import type { Command } from "commander";

/** Formats of a list. `name` writes what other commands take. */
export type ListFormat = "table" | "json" | "yaml" | "csv" | "name";

/** Flags of {@link addFormatOptions}, as commander gives them. */
export interface FormatFlags {
  readonly output?: ListFormat;
  readonly null?: boolean;
  /** By default a table and CSV begin with the names of columns. */
  readonly header: boolean;
  readonly json?: boolean;
}

/** What rows are sorted by. */
export type SortKey = "name" | "size" | "changed" | "type" | "none";

/** Flags of {@link addRowOptions}, as commander gives them. */
export interface RowFlags extends FormatFlags {
  readonly sort: SortKey;
  readonly reverse?: boolean;
  readonly columns?: string;
}

/** Flags of {@link addPageOptions}, as commander gives them. */
export interface PageFlags {
  readonly output?: "text" | "json" | "yaml" | "name";
  readonly null?: boolean;
  readonly json?: boolean;
}

const formats: readonly ListFormat[] = ["table", "json", "yaml", "csv", "name"];

/**
 * Adds the flags for how a list is written, which all lists share.
 * @param what - What `-o name` and `-0` write, such as `paths`.
 */
export function addFormatOptions(command: Command, what: string): Command {
  return command
    .addOption(
      new Option("-o, --output <format>", `how to write it: name writes ${what} for other commands`).choices(formats),
    )
    .option("-0, --null", `write ${what} that end with a NUL character, for xargs -0`)
    .option("--no-header", "leave out the names of columns")
    .option("--json", "the same as -o json: one object per line");
}

/** Adds the flags for what shows one thing after the other, each on many lines. */
export function addPageOptions(command: Command, what: string): Command {
  return command
    .addOption(
      new Option("-o, --output <format>", `how to write it: name writes ${what} for other commands`).choices([
        "text",
        "json",
        "yaml",
        "name",
      ]),
    )
    .option("-0, --null", `write ${what} that end with a NUL character, for xargs -0`)
    .option("--json", "the same as -o json: one object per line");
}

/** Adds the flags of lists of libraries, items and files. */
export function addRowOptions(command: Command, { sort }: { readonly sort: SortKey }): Command {
  command
    .addOption(
      new Option("--sort <key>", "sort by this; none writes rows as they come")
        .choices(["name", "size", "changed", "type", "none"])
        .default(sort),
    )
    .option("--reverse", "sort the other way around");
  return addFormatOptions(command, "paths");
}

/** Whether errors are wanted as JSON, too: the run reports them so. */
export function wantsJson({ output, json = false }: { readonly output?: string; readonly json?: boolean }): boolean {
  return json || output === "json";
}
