import type { Command } from "commander";
import { addConnectionOptions } from "../settings/connection-options.ts";
import type { GetFlags } from "./run-get.ts";

const examples = `
Examples:
  carrel get Images/ubuntu-26.04                    into ./ubuntu-26.04
  carrel get Images/ubuntu-26.04 -o /srv/images     into that folder
  carrel get 'Images/ubuntu-26.04/*.vmdk'           only its disks`;

/** Adds `carrel get`. */
export function addGetCommand(program: Command): void {
  const command = program
    .command("get")
    .summary("download an item, or some of its files")
    .description(
      "Downloads the files of a library item into a folder, and verifies each one before it gets its final name. " +
        "LIBRARY and ITEM are names or ids.",
    )
    .argument("<library/item[/file-glob]>", "what to download")
    .option("-o, --output <dir>", "folder for the files (default: one named after the item)");
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (target: string, flags: GetFlags) => {
      const [{ runCommand }, { runGet }] = await Promise.all([import("../run-command.ts"), import("./run-get.ts")]);
      await runCommand(flags, (run) => runGet(target, flags, run));
    });
}
