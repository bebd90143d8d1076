import type { Command } from "commander";
import type { ExitCode } from "../../process/cli-error.ts";
import type { ProgramIo } from "../../process/program-io.ts";
import { addConnectionOptions } from "../../settings/connection-settings.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import { addStoreOptions } from "../../settings/store-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";

/** Flags of `carrel diff`. */
export interface DiffFlags extends ConnectionFlags, StoreFlags {
  readonly json?: boolean;
}

const examples = `
Exit codes: 0 the same, 1 different, and 2 for what would end other commands with 1; else those of all commands.

Examples:
  carrel diff Images /srv/images              a library and a directory
  carrel diff prod:Images dr:Images           libraries of two vCenters, by contexts
  carrel diff https://images.example.com/lib.json /srv/images    a published library, without a vCenter
  carrel diff Images https://images.example.com/lib.json         what subscribers find, and what there is
  carrel diff prod:Images /srv/images --json`;

/** Adds `carrel diff`. */
export function addDiffCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("diff")
    .summary("compare a library with a directory or with another library")
    .description(
      "Compares a library with a directory, or with a library of another vCenter; nothing is downloaded. Items are compared by " +
        "name, and files by checksum where both sides have one, then by content version where carrel mirror recorded it, " +
        "then by size. LIBRARY is a name or an id, with a context and a colon before it where that is not the default one, or the " +
        "address of a published library.",
    )
    .argument("<library>", "such as Images or prod:Images")
    .argument("<dir-or-library>", "a directory, a library with a context (dr:Images), or an address")
    .option("--json", "print differences as JSON, one object per line");
  addConnectionOptions(addStoreOptions(command))
    .addHelpText("after", examples)
    .action(async (one: string, other: string, flags: DiffFlags) => {
      const [{ runCommand }, { runDiff }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
      let isDifferent = false;
      // As diff does: 1 is an answer, so it must not mean that there is none.
      const setExitCode = (code: ExitCode): void => io.setExitCode(code === 1 && !isDifferent ? 2 : code);
      const own = Object.create(io, { setExitCode: { value: setExitCode } }) as ProgramIo;
      await runCommand(own, flags, async (run) => {
        isDifferent = await runDiff(one, other, flags, run);
        return isDifferent ? 1 : 0;
      });
    });
}
