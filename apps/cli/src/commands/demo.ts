import type { Command } from "commander";

/** Adds `carrel demo`. */
export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .summary("see a download from a simulated vCenter; needs nothing")
    .description(
      "Starts an embedded simulator of a vCenter over HTTPS, downloads an item of several files from it into a new " +
        "temporary folder, and checks that no session is left open.",
    )
    .option("--debug", "show requests, and where errors come from")
    .action(async (flags: { readonly debug?: boolean }) => {
      const [{ runCommand }, { runDemo }] = await Promise.all([import("../run-command.ts"), import("./run-demo.ts")]);
      await runCommand(flags, runDemo);
    });
}
