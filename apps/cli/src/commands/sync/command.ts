import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";

/** Flags of `carrel sync`. */
export interface SyncFlags extends ConnectionFlags {
  /** By default it waits. */
  readonly wait: boolean;
  readonly timeout?: string;
  readonly json?: boolean;
}

const interruptNote = "Interrupted: the vCenter continues with what it has begun";
const examples = `
Examples:
  carrel sync Branch/ubuntu-26.04      have the content of an item fetched to this vCenter, and wait for it
  carrel sync 'Branch/ubuntu-*'        of several items
  carrel sync '*'                      every subscribed library
  carrel sync Branch                   update the list of items, as the vCenter's schedule does`;

/** Adds `carrel sync`. */
export function addSyncCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("sync")
    .summary("have a vCenter fetch what a subscribed library's publisher has")
    .description(
      "Has the vCenter synchronize a subscribed library, or items of one, with the publisher, and waits for the end. " +
        "For an item, content that is not cached is fetched, also where the library is on-demand; for a library, only " +
        "where it is not. LIBRARY and ITEM are names, ids or globs.",
    )
    .argument("<library[/item]...>", "what to synchronize")
    .option("--no-wait", "return as soon as the vCenter has begun")
    .option("--timeout <seconds>", "give up waiting after this long (default: 3600); the vCenter continues")
    .option("--json", "print JSON, one object per line");
  addConnectionOptions(command)
    .addHelpText("after", examples)
    .action(async (paths: readonly string[], flags: SyncFlags) => {
      const [{ runCommand }, { runSync }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
      await runCommand(io, { ...flags, interruptNote }, (run) => runSync(paths, flags, run));
    });
}
