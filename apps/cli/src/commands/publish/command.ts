import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";

/** Flags of `carrel publish`. */
export interface PublishFlags extends OutputFlags, StoreFlags {
  readonly name?: string;
  readonly isoItems?: boolean;
  readonly allowEmpty?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const examples = `
Each directory in DIR becomes an item: a template where it has an .ovf, and otherwise an ISO or something else. Run it again
after files have changed: what has not changed is neither read nor written.

Examples:
  carrel publish /srv/images --name Images      writes lib.json, items.json and an item.json for each item
  carrel publish /srv/images --iso-items        an item for each ISO
  carrel publish /srv/images --dry-run
  carrel serve /srv/images                      serves it; any other web server will do, too
  carrel publish s3://images/lab --endpoint-url https://store.example:9000`;

/** Adds `carrel publish`. */
export function addPublishCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("publish")
    .summary("make a directory or bucket a content library that vCenters can subscribe to")
    .description(
      "Makes a directory of directories, or a prefix of an object store, a content library that vCenters can subscribe to, from any web server. No vCenter is needed. " +
        "A library that another program published there is adopted, with its ids and versions.",
    )
    .argument("<dir>", "a directory whose directories are the items, or s3://BUCKET/PREFIX")
    .option("--name <name>", "name of the library (default: the one it has, or the name of the directory)")
    .option("--iso-items", "make an item of each ISO of a directory that has nothing else")
    .option("--allow-empty", "publish also where no item is left, so that subscribers delete theirs")
    .option("--dry-run", "show what would be published, and write nothing")
    .option("--json", "print a JSON object for each item and one for the library");
  addStoreOptions(command);
  addOutputOptions(command)
    .addHelpText("after", examples)
    .action(async (directory: string, flags: PublishFlags) => {
      const [{ runCommand }, { runPublish }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, flags, (run) => runPublish(directory, flags, run));
    });
}
