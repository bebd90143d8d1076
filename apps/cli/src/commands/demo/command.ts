import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { loadWithSimulator } from "../sim/load-with-simulator.ts";

/** Adds `carrel demo`. */
export function addDemoCommand(program: Command, io: ProgramIo): void {
  program
    .command("demo")
    .summary("see a download from a simulated vCenter; needs nothing")
    .description(
      "Starts an embedded simulator of a vCenter over HTTPS, downloads an item of several files from it into a new " +
        "temporary folder, and checks that no session is left open.",
    )
    .option("--debug", "show requests, and where errors come from")
    .action(async (flags: { readonly debug?: boolean }) => {
      const { runCommand } = await import("../../run/run-command.ts");
      await runCommand(io, flags, async (run) => {
        const { runDemo } = await loadWithSimulator(() => import("./run.ts"));
        await runDemo(run);
      });
    });
}
