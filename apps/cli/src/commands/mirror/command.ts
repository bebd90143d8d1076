import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import { addHookOptions } from "../../settings/hook-options.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import { addTransferOptions } from "../../settings/transfer-options.ts";
import type { MirrorFlags } from "./run.ts";

const examples = `
Exit codes: 0 when all is in place, else that of what went wrong; with --dry-run, 1 when there is something to do.

Examples:
  carrel mirror Images /srv/images                   a directory for each item
  carrel mirror Images /srv/images --delete          also delete what no longer exists on the server
  carrel mirror Images /srv/images --delete --max-delete 5
  carrel mirror Images /srv/images --delete --delete-after 7d --backup-dir /srv/images-before
  carrel mirror Images /srv/images --publish         then: carrel serve /srv/images
  carrel mirror Images /srv/images --publish --iso-items    an item for each ISO
  carrel mirror Images /srv/images --publish --dry-run      also what subscribers would see change
  carrel mirror Images /srv/images --include 'ubuntu-*' --exclude '*-daily'
  carrel mirror Images Templates /srv/mirror         several libraries, a directory for each
  carrel mirror 'Images*' /srv/mirror                all libraries whose name matches, a directory for each
  carrel mirror Images /srv/images --dry-run         what would be done
  carrel mirror Images s3://images/lab --endpoint-url https://store.example:9000
  carrel mirror https://images.example.com/lib.json /srv/images    a published library, without a vCenter
  carrel mirror Images /srv/images --verify          also read existing files, and compare them with what was downloaded
  carrel mirror Images /srv/images --retry-for 1h    through a maintenance of the vCenter
  0 3 * * *  carrel mirror --quiet --context lab Images /srv/images     from cron
  carrel mirror Images /srv/images --quiet --log-file /var/log/carrel.log
  carrel mirror Images /srv/images -q --on-failure 'echo "$CARREL_SUMMARY" | mail -s carrel ops@example.com'
  carrel mirror Images /srv/images -q --ping https://hc-ping.com/UUID`;

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds `carrel mirror`. */
export function addMirrorCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("mirror")
    .summary("bring a directory up to date with libraries")
    .description(
      "Brings a directory up to date with a library: one directory per item, and only changes are downloaded. An " +
        "interrupted run resumes where it stopped. Files that mirror did not create are neither replaced nor " +
        "deleted. LIBRARY is a name, an id or a glob. A single library that is named goes into DIR itself; several, or what " +
        "a glob matches, into a directory each below it, and one that fails does not stop the others.",
    )
    .usage("[options] <library...> <dir>")
    .argument("<library>", "what to mirror; more may follow")
    .argument("<dir...>", "target directory, the last of them, or s3://BUCKET/PREFIX for an object store")
    .option("--delete", "delete mirrored items that no longer exist on the server")
    .option("--max-delete <n>", "with --delete: change nothing if more items than this no longer exist on the server")
    .option("--delete-after <time>", "with --delete or --publish: only what has been gone for this long: 12h, 7d or 2w")
    .option("--publish", "publish the mirror as a content library that other vCenters subscribe to, after each run")
    .option(
      "--no-publish",
      "end that: delete lib.json and the other files of the library, and earlier versions of items",
    )
    .option("--publish-name <name>", "with --publish: the name that subscribers see, in place of the library's")
    .option(
      "--iso-items",
      "with --publish: make an item of each ISO of an item that has nothing else; later runs keep it",
    )
    .option("--no-iso-items", "with --publish: end that")
    .option("--backup-dir <dir>", "keep what is deleted or replaced below this directory, by date")
    .option("--include <glob>", "only items whose name matches; may be repeated", collect)
    .option("--exclude <glob>", "no items whose name matches; may be repeated", collect)
    .option("--type <type>", "only items of this type, such as iso or ovf; may be repeated", collect)
    .option("--newer-than <time>", "only items modified on the server since: 30d, 12h, or a date such as 2026-11-01")
    .option("--dry-run", "list what would be done, without doing it")
    .option("--verify", "read all existing files, and download those that were modified locally again");
  addTransferOptions(command, "10m").option("--json", "print events as JSON, one object per line");
  addStoreOptions(command);
  addHookOptions(command);
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (first: string, others: readonly string[], flags: MirrorFlags) => {
      const [{ runCommand }, { runMirror }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      await runCommand(io, flags, (run) => runMirror([first, ...others], flags, run));
    });
}
