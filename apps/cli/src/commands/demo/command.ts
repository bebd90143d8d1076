import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";
import { loadWithSimulator } from "../sim/command.ts";

/** Adds `carrel demo`. */
export function addDemoCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("demo")
    .summary("try a download from a simulated vCenter, without any setup")
    .description(
      "Starts an embedded simulator of a vCenter over HTTPS, downloads an item of several files from it into a new " +
        "temporary directory, and checks that no session is left open.",
    )
    .addHelpText("after", "\nExamples:\n  carrel demo\n  carrel demo --debug    shows each request");
  addOutputOptions(command).action(async (flags: OutputFlags) => {
    const { runCommand } = await import("../../run/run-command.ts");
    await runCommand(io, flags, async (run) => {
      const { runDemo } = await loadWithSimulator(() => import("./run.ts"));
      await runDemo(run);
    });
  });
}
