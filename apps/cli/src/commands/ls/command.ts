import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";

/** Flags of `carrel ls`. */
export interface LsFlags extends ConnectionFlags {
  readonly long?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  carrel ls                        libraries
  carrel ls Images                 items of a library
  carrel ls Images/ubuntu-26.04    files of an item
  carrel ls -l Images              with ids
  carrel ls --json Images          one JSON object a line`;

/** Adds `carrel ls`. */
export function addLsCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("ls")
    .summary("list libraries, items of a library, or files of an item")
    .description("Lists libraries, items of a library, or files of an item. LIBRARY and ITEM are names or ids.")
    .argument("[library[/item]]", "what to list")
    .option("-l, --long", "show ids too, and checksums of files")
    .option("--json", "print JSON as the server returns it, one object per line");
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (path: string | undefined, flags: LsFlags) => {
      const [{ runCommand }, { runLs }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
      await runCommand(io, flags, (run) => runLs(path, flags, run));
    });
}
