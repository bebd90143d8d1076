import { Option } from "commander";
import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import { addHookOptions } from "../../settings/hook-options.ts";
import type { HookFlags } from "../../settings/hook-options.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";
import { addTransferOptions } from "../../settings/transfer-options.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import type { TransferFlags } from "../../settings/transfer-options.ts";

/** Flags of `carrel get`, as commander gives them. */
export interface GetFlags extends ConnectionFlags, HookFlags, StoreFlags, TransferFlags {
  readonly output?: string;
  readonly existing: "resume" | "error" | "overwrite" | "skip";
  readonly checksum?: string;
  /** By default a record stays with the files. */
  readonly record: boolean;
  readonly unpackOva?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  carrel get Images/ubuntu-26.04                        into ./ubuntu-26.04
  carrel get Images/ubuntu-26.04 -o /srv/images         directly into that directory
  carrel get 'Images/ubuntu-26.04/*.vmdk'               only its disks
  carrel get 'Images/ubuntu-*' -o /srv/images           several items, a directory for each
  carrel get Images/ubuntu-26.04 -o s3://images/lab --endpoint-url https://store.example:9000
  carrel get Images/seed/seed.iso -o - | sha256sum      one file, to standard output
  carrel get Images/ubuntu-26.04 --retry-for 1h         through a maintenance of the vCenter
  carrel get Templates/photon --unpack-ova              the files in its OVA archive
  carrel get Images/ubuntu-26.04 --quiet --log-file get.log
  carrel get Images/ubuntu-26.04 --json | jq .type      for other programs
  carrel get https://images.example.com/lib.json/ubuntu-26.04    from a published library, without a vCenter`;

/** Adds `carrel get`. */
export function addGetCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("get")
    .summary("download items, or some of their files")
    .description(
      "Downloads the files of library items into a directory. A file gets its final name only after it is verified. " +
        "An interrupted download resumes where it stopped. LIBRARY and ITEM are names or ids; ITEM and FILE can be globs. LIBRARY may be the address of a published library.",
    )
    .argument("<library/item[/file]...>", "what to download")
    .option(
      "-o, --output <dir>",
      "directory for the files, s3://BUCKET/PREFIX for an object store, or - for standard output (default: a directory named after the item)",
    )
    .addOption(
      new Option(
        "--existing <what>",
        "what to do with files that already exist; skip leaves them unread and unverified",
      )
        .choices(["resume", "skip", "error", "overwrite"])
        .default("resume"),
    );
  addTransferOptions(command, "30s at a terminal, else 10m")
    .option("--checksum <file>", "write SHA-256 digests to this file, for sha256sum --check")
    .option("--unpack-ova", "in place of OVA archives, write the files in them, each verified by the manifest there")
    .option("--no-record", "leave no .carrel.json with the files, and do not skip files by one")
    .option("--dry-run", "list what would be downloaded, without downloading")
    .option("--json", "print events as JSON, one object per line");
  addStoreOptions(command);
  addHookOptions(command);
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (targets: readonly string[], flags: GetFlags) => {
      const [{ runCommand }, { runGet }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
      await runCommand(io, flags, (run) => runGet(targets, flags, run));
    });
}
