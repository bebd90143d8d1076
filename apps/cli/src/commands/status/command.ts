import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";

/** Flags of `carrel status`. */
export interface StatusFlags extends OutputFlags, StoreFlags {
  readonly maxAge: string;
  readonly json?: boolean;
}

const examples = `
Exit codes, as monitoring systems expect them:
  0  the last run left everything in place, not longer ago than --max-age
  1  the last run failed, or the last one that left everything in place is older than --max-age
  2  three runs in a row failed, none ever left everything in place, the last that did is older than twice --max-age,
     or the directory is neither a mirror nor a published library
  Of several mirrors the worst counts, and is in the first line.

Examples:
  carrel status /srv/images
  carrel status /srv/images --max-age 8d      for a weekly run
  carrel status /srv/mirror                   all mirrors in the directories below it
  carrel status /srv/images /srv/templates    a line for each
  carrel status s3://images/lab               a mirror in an object store
  carrel status /srv/images --json`;

/** Adds `carrel status`. */
export function addStatusCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("status")
    .summary("say in one line how a mirrored directory stands, for monitoring")
    .description(
      "Says in one line how a directory that carrel mirror keeps up to date stands. Reads only what the last run recorded: " +
        "no vCenter is contacted, and no file is read. Of one that is published it also says which version, and whether that is " +
        "what is in place. To compare the files with the records, see carrel mirror --verify.",
    )
    .argument("<dir...>", "the directory, one with mirrors in its subdirectories, or s3://BUCKET/PREFIX")
    .option("--max-age <time>", "how long ago everything may last have been in place: 90m, 26h or 8d", "26h")
    .option("--json", "print the status as one JSON object");
  addStoreOptions(command);
  addOutputOptions(command)
    .addHelpText("after", examples)
    .action(async (directories: readonly string[], flags: StatusFlags) => {
      const [{ runCommand }, { runStatus }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, { ...flags, answers: true }, (run) => runStatus(directories, flags, run));
    });
}
