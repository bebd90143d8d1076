import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";

/** Flags of `carrel doctor`. */
export interface DoctorFlags extends ConnectionFlags {
  readonly item?: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  carrel doctor
  carrel doctor --server vc.example.com --user reader@vsphere.local
  carrel doctor --item Images/ubuntu-26.04      try the download with this item`;

/** Adds `carrel doctor`. */
export function addDoctorCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("doctor")
    .summary("find out why a download fails")
    .description(
      "Checks each step, from the name of the server to the first byte of a file, and reports which one fails and why. " +
        "Creates one download session and deletes it.",
    )
    .option("--item <library/item>", "item to try (default: the first one with a file)")
    .option("--json", "print JSON, one object per line");
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (flags: DoctorFlags) => {
      const [{ runCommand }, { runDoctor }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, flags, (run) => runDoctor(flags, run));
    });
}
