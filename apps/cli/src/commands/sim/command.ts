import type { SimulatorVersion } from "@carrel/simulator";
import { Option } from "commander";
import type { Command } from "commander";
import { version } from "../../gen/package.gen.ts";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import type { ProgramIo } from "../../process/program-io.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";

/** Flags of `carrel sim`. */
export interface SimFlags extends OutputFlags {
  readonly port?: string;
  readonly tls: boolean;
  readonly version: SimulatorVersion;
  readonly host?: readonly string[];
  readonly seed?: string;
  readonly fault?: readonly string[];
}

const examples = `
Examples:
  carrel sim                                        a library with one item
  carrel sim --port 8443 --version 9.1
  carrel sim --seed libraries.json                  libraries of your own
  carrel sim --fault 'reset atByte=10m' --fault 'status on=downloadSession.keepAlive status=503'

A seed is JSON, such as:
  { "libraries": [{ "name": "Images", "items": [{ "name": "debian", "type": "iso",
      "files": [{ "name": "debian.iso", "sizeBytes": 700000000 }, { "name": "notes.txt", "path": "notes.txt" }] }] }] }`;

/** Adds `carrel sim`. */
export function addSimCommand(program: Command, io: ProgramIo): void {
  const command = program
    .command("sim")
    .summary("run a simulated vCenter on this machine")
    .description("Runs a simulated vCenter content library on 127.0.0.1 until Ctrl-C, and prints how to connect to it.")
    .option("--port <port>", "port to listen on (default: any free port)")
    .option("--no-tls", "serve plain HTTP in place of TLS with a self-signed certificate")
    .addOption(
      new Option("--version <version>", "vSphere version to simulate")
        .choices(["6.7", "7.0", "8.0", "9.1"])
        .default("8.0"),
    )
    .option("--host <name...>", "additional host name to answer to, besides those of the loopback interface")
    .option("--seed <file>", "JSON file with libraries and items")
    .option("--fault <text...>", "fault to inject, and when");
  addOutputOptions(command)
    .addHelpText("after", examples)
    .action(async (flags: SimFlags) => {
      const { runCommand } = await import("../../run/run-command.ts");
      await runCommand(io, { ...flags, answers: true, interruptNote: "Stopping." }, async (run) => {
        const { runSim } = await loadWithSimulator(() => import("./run.ts"));
        await runSim(flags, run);
      });
    });
}

/** Loads code that imports the simulator. It is an optional dependency, which an installation may leave out. */
export async function loadWithSimulator<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause;
    throw new CliError("This command needs the package @carrel/simulator, which is not installed", {
      exitCode: exitCodes.failed,
      hints: [`Install it beside carrel: npm install @carrel/simulator@${version}`],
      cause,
    });
  }
}
