import { Argument } from "commander";
import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import { addRowOptions } from "../../settings/list-options.ts";
import type { RowFlags } from "../../settings/list-options.ts";

/** Flags of `carrel ls` and `carrel du`. */
export interface LsFlags extends ConnectionFlags, StoreFlags, RowFlags {
  readonly long?: boolean;
  readonly recursive?: boolean;
  readonly type?: string;
}

const lsExamples = `
Examples:
  carrel ls                                 libraries
  carrel ls Images                          items of a library
  carrel ls 'Images/ubuntu-*'               items that match: what "carrel get" would download
  carrel ls Images/ubuntu-26.04             files of an item
  carrel ls 'Images/*/*.vmdk'               files of several items
  carrel ls -l Images/photon/photon.ova     files in an archive, with the digests that its manifest states
  carrel ls -l Images --sort size           with ids, dates and descriptions; the largest first
  carrel ls -r --type iso -o csv            all items of a type, and their files, for a spreadsheet
  carrel ls 'Images/*' -0 | xargs -0 -n 1 carrel info
  carrel ls https://images.example.com/lib.json    items of a published library

Columns: id, type, items, size, version, cached, changed, created, checksum, name, description, path`;

const duExamples = `
Examples:
  carrel du                                 each library
  carrel du Images                          one library
  carrel du 'Images/*' --sort size          each item of it, the largest first`;

/** Adds `carrel ls` and `carrel du`. */
export function addLsCommands(program: Command, io: ProgramIo): void {
  const ls = program
    .command("ls")
    .summary("list libraries, items of a library, files of an item, or files in an OVA")
    .description(
      "Lists libraries, items of a library, files of an item, or files in an OVA archive, of which only a few kilobytes are " +
        "fetched. LIBRARY and ITEM are names or ids; all parts can be globs, and then what matches is listed. " +
        "A terminal that is too narrow shows fewer columns.",
    )
    .addArgument(new Argument("[library[/item[/file[/member]]]...]", "what to list"))
    .option("-l, --long", "show ids, dates, descriptions and checksums, and how large libraries are")
    .option("-r, --recursive", "list items of libraries and files of items, too")
    .option("--columns <names>", "show these columns, separated by commas");
  addListOptions(ls)
    .addHelpText("after", lsExamples)
    .action(async (paths: readonly string[], flags: LsFlags) => {
      const { runLs } = await import("./run.ts");
      await runLs(paths, flags, io);
    });
  const du = program
    .command("du")
    .summary("show how much storage libraries or items use")
    .description(
      "Shows how much of the vCenter's storage libraries or items use. Content that is not cached uses none. " +
        "No server reports a sum, so this asks for every item of a library.",
    )
    .addArgument(new Argument("[library[/item]...]", "libraries or items, by name, id or glob"));
  addListOptions(du)
    .addHelpText("after", duExamples)
    .action(async (paths: readonly string[], flags: LsFlags) => {
      const { runDu } = await import("./run.ts");
      await runDu(paths, flags, io);
    });
}

function addListOptions(command: Command): Command {
  command.option("--type <type>", "only items of this type, such as ovf or iso; or local or subscribed libraries");
  return addConnectionOptions(addStoreOptions(addRowOptions(command, { sort: "name" })));
}
