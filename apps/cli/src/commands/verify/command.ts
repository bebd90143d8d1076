import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";

/** Flags of `carrel verify`. */
export interface VerifyFlags extends ConnectionFlags {
  readonly online?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  carrel verify /srv/images                             every file below a directory
  carrel verify /srv/images --online                    and is that what the vCenter has now?
  carrel verify . --json | jq 'select(.type=="changed")'  for other programs

Exit codes:
  0  every file that something is known of is whole
  1  a file cannot be read, nothing is known of any file, or the server has a newer version
  5  a file changed or is missing`;

/** Adds `carrel verify`. */
export function addVerifyCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("verify")
    .summary("prove offline that downloaded files are still whole")
    .description(
      "Reads every file below a directory, and compares it with what is known of it there: the records that get and mirror " +
        "leave, files of digests such as SHA256SUMS, and OVF manifests. Needs no server and no password.",
    )
    .argument("<dir>", "the directory")
    .option("--json", "print a JSON object per file, and one for all")
    .option("--online", "also compare the records with the server's content versions and checksums");
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (directory: string, flags: VerifyFlags) => {
      const [{ runCommand }, { runVerify }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, flags, (run) => runVerify(directory, flags, run));
    });
}
