import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";
import { loadWithSimulator } from "../sim/command.ts";

interface DemoFlags extends OutputFlags {
  readonly publish?: boolean;
}

const examples = `
Examples:
  carrel demo
  carrel demo --publish  a library that vCenters subscribe to, before and after a change
  carrel demo --debug    shows each request`;

/** Adds `carrel demo`. */
export function addDemoCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("demo")
    .summary("try a download from a simulated vCenter, without any setup")
    .description(
      "Starts an embedded simulator of a vCenter over HTTPS, downloads an item of several files from it into a new " +
        "temporary directory, and checks that no session is left open.",
    )
    .option("--publish", "mirror the library instead, publish it, serve it, and show what a subscriber sees")
    .addHelpText("after", examples);
  addOutputOptions(command).action(async (flags: DemoFlags) => {
    const { runCommand } = await import("../../run/run-command.ts");
    await runCommand(io, flags, async (run) => {
      if (flags.publish) {
        const { runPublishDemo } = await loadWithSimulator(() => import("./publish.ts"));
        await runPublishDemo(run);
        return;
      }
      const { runDemo } = await loadWithSimulator(() => import("./run.ts"));
      await runDemo(run);
    });
  });
}
