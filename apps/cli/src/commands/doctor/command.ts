import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";

/** Flags of `carrel doctor`. */
export interface DoctorFlags extends ConnectionFlags, StoreFlags {
  readonly item?: string;
  readonly endUploads?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  carrel doctor
  carrel doctor --server vc.example.com --user reader@vsphere.local
  carrel doctor --item Images/ubuntu-26.04      try the download with this item
  carrel doctor s3://images/lab                 try an object store, and list incomplete uploads there
  carrel doctor s3://images/lab --end-uploads   end those that no run works on`;

/** Adds `carrel doctor`. */
export function addDoctorCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("doctor")
    .summary("find out why a download fails")
    .description(
      "Checks each step, from the name of the server to the first byte of a file, and reports which one fails and why. " +
        "Creates one download session and deletes it. Of an object store, it tries what downloads into it need, with a small object that it deletes.",
    )
    .argument("[store]", "s3://BUCKET/PREFIX, to check an object store in place of a vCenter")
    .option("--item <library/item>", "item to try (default: the first one with a file)")
    .option("--end-uploads", "of an object store, end incomplete uploads of Carrel that no run works on")
    .option("--yes", "do not ask before that")
    .option("--json", "print JSON, one object per line");
  addStoreOptions(command);
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (store: string | undefined, flags: DoctorFlags) => {
      const [{ runCommand }, { runDoctor }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, flags, (run) => runDoctor(store, flags, run));
    });
}
