import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";
import { addRowOptions } from "../../settings/list-options.ts";
import type { RowFlags } from "../../settings/list-options.ts";

/** Flags of `carrel find`. */
export interface FindFlags extends ConnectionFlags, StoreFlags, RowFlags {
  readonly type?: string;
  readonly library?: string;
  readonly files?: boolean;
  readonly exact?: boolean;
  readonly long?: boolean;
}

const examples = `
Examples:
  carrel find ubuntu                       items with "ubuntu" in their names
  carrel find 'ubuntu-2?.04' --type iso    by a glob, of a type
  carrel find --files '*.vmdk'             files, too
  carrel find --type iso --sort size -o csv '*'    the largest first, for a spreadsheet
  carrel find 'old-*' -0 | xargs -0 carrel info
  carrel find ubuntu --library https://images.example.com/lib.json    in a published library, without a vCenter
  carrel find --exact photon-5             by the whole name: two or three requests, however many items there are
  carrel find 2da43843-9e1c-4b5e-8a3f-0c9d2f6b7a10    where the item with this id is`;

/** Adds `carrel find`. */
export function addFindCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("find")
    .summary("find items by name in all libraries")
    .description(
      "Finds items by a part of their name, a glob over the whole name, or their id, in all libraries. " +
        "Case does not matter. What it prints as PATH is what the other commands take.",
    )
    .argument("<pattern>", "part of a name, glob, or id")
    .option("--type <type>", "only items of this type, such as ovf or iso")
    .option("--library <name>", "only items of this library, or of those that match; or the address of a published one")
    .option("--files", "also files of items, by their names")
    .option("--exact", "the pattern is the whole name of items: the server finds it")
    .option("-l, --long", "show ids, dates and descriptions, too")
    .option("--columns <names>", "show these columns, separated by commas, as ls has them");
  addConnectionOptions(addStoreOptions(addRowOptions(command, { sort: "none" })))
    .addHelpText("after", examples)
    .action(async (pattern: string, flags: FindFlags) => {
      const { runFind } = await import("./run.ts");
      await runFind(pattern, flags, io);
    });
}
