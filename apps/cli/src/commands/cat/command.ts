import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import { addStreamOptions } from "../../settings/transfer-options.ts";
import type { TransferFlags } from "../../settings/transfer-options.ts";

/** Flags of `carrel cat`. */
export interface CatFlags extends ConnectionFlags, StoreFlags, TransferFlags {
  readonly force?: boolean;
}

const examples = `
Examples:
  carrel cat Images/ubuntu-26.04/ubuntu.ovf                 a file of an item
  carrel cat Templates/photon/photon.ova/photon.ovf         a file in an archive
  carrel cat 'Templates/photon/*.ova/*.ovf' | xmllint --format -
  carrel cat Templates/photon/photon.ova/photon.mf --require-verified    ends with 5, as no manifest names it`;

/** Adds `carrel cat`. */
export function addCatCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("cat")
    .summary("write a file, or a file in an OVA, to standard output")
    .description(
      'Writes one file to standard output, verified as by "carrel get -o -". Of an OVA archive, a file in it is read by ranges, ' +
        "without the rest, and verified by the manifest in the archive where that names it. All parts can be globs, as long as " +
        "one file matches. On a terminal, only text is shown, and its control characters as escapes.",
    )
    .argument("<library/item/file[/member]>", "what to write")
    .option("--force", "write to a terminal what there is, unchanged");
  addStreamOptions(command);
  addStoreOptions(command);
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (path: string, flags: CatFlags) => {
      const [{ runCommand }, { runCat }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
      await runCommand(io, flags, (run) => runCat(path, flags, run));
    });
}
