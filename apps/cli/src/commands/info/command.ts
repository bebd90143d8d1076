import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";
import { addPageOptions, wantsJson } from "../../settings/list-options.ts";
import type { PageFlags } from "../../settings/list-options.ts";

/** Flags of `carrel info`. */
export interface InfoFlags extends ConnectionFlags, StoreFlags, PageFlags {
  /** By default the OVF descriptor is read. */
  readonly descriptor: boolean;
}

const examples = `
Examples:
  carrel info Images                                   a library: type, storage, publisher
  carrel info Templates/photon-5                       an item: versions, files, and what its OVF asks for
  carrel info 'Templates/photon-*'                     several items
  carrel info 'Templates/photon-5/*.vmdk'              files: version, size and checksum
  carrel info https://images.example.com/lib.json/photon-5    of a published library, without a vCenter
  carrel info Templates/photon-5 --json | jq .problems  what would make a deployment fail`;

/** Adds `carrel info`. */
export function addInfoCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("info")
    .summary("show what is known of a library or an item, and what its OVF descriptor says")
    .description(
      "Shows what is known of libraries, items or files. Of an OVF or OVA item the descriptor is read too, and not the disks: " +
        "guest, hardware, disks, networks and properties, and what would make a deployment fail. " +
        "That creates one download session and deletes it. LIBRARY and ITEM are names, ids or globs; LIBRARY may be the address of a published library.",
    )
    .argument("<library[/item[/file]]...>", "what to show")
    .option("--no-descriptor", "do not read the OVF descriptor, which needs the privilege to download files");
  addConnectionOptions(addStoreOptions(addPageOptions(command, "paths")))
    .addHelpText("after", examples)
    .action(async (paths: readonly string[], flags: InfoFlags) => {
      const [{ runCommand }, { runInfo }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
      await runCommand(io, { ...flags, json: wantsJson(flags), answers: true }, (run) => runInfo(paths, flags, run));
    });
}
