import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-options.ts";
import { addTransferOptions } from "../../settings/transfer-options.ts";
import type { MirrorFlags } from "./run.ts";

const examples = `
Exit codes: 0 when all is in place, else that of what went wrong; with --dry-run, 1 when there is something to do.

Examples:
  carrel mirror Images /srv/images                   a folder for each item
  carrel mirror Images /srv/images --delete          and none for what is gone on the server
  carrel mirror Images /srv/images --dry-run         what would be done
  carrel mirror Images /srv/images --verify          also read what is there, and compare it with what arrived
  0 3 * * *  carrel mirror --quiet --context lab Images /srv/images     from cron`;

/** Adds `carrel mirror`. */
export function addMirrorCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("mirror")
    .summary("bring a folder up to date with a library")
    .description(
      "Brings a folder up to date with a library: a folder for each item, and only what changed is downloaded. What " +
        "was interrupted goes on where it stopped. Files that mirror did not put there are neither replaced nor " +
        "deleted. LIBRARY is a name or an id.",
    )
    .argument("<library>", "what to mirror")
    .argument("<dir>", "folder for it")
    .option("--delete", "delete what mirror brought and is gone on the server")
    .option("--dry-run", "say what would be done")
    .option("--verify", "read all files that are there, and bring anew what was changed here");
  addTransferOptions(command)
    .option("-q, --quiet", "say only what went wrong")
    .option("--json", "one JSON object a line on what happens");
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (library: string, folder: string, flags: MirrorFlags) => {
      const [{ runCommand }, { runMirror }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, flags, (run) => runMirror(library, folder, flags, run));
    });
}
