import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";

/** Flags of `carrel trust`. */
export interface TrustFlags extends OutputFlags {
  readonly yes?: boolean;
  readonly thumbprint?: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  carrel trust vc.example.com            shows the fingerprints, and asks
  carrel trust vc.example.com:8443 --thumbprint AB:CD:…   only if it has that fingerprint; does not ask
  carrel trust vc.example.com --yes      does not ask: compare the fingerprint yourself
  carrel trust ls
  carrel trust rm vc.example.com`;

type Verb = "add" | "ls" | "rm";

/** Adds `carrel trust` and its own commands. */
export function addTrustCommand(program: Command, io: ProgramIo): void {
  const trust = program
    .command("trust")
    .summary("show a server's certificate and trust it from now on")
    .description(
      "Shows the fingerprints of a server's certificate and of those that signed it and, once confirmed, accepts that " +
        "certificate, and no other, from this host. If another certificate was trusted before, that is an error " +
        "(exit code 6) that shows both, even with --yes: to accept the new one, pass --thumbprint, answer the question " +
        "at a terminal, or run carrel trust rm first.",
    )
    .argument("[host[:port]]", "a host name, or a URL (default: VSPHERE_SERVER)")
    .option("--yes", "trust without asking, unless another certificate was trusted before")
    .option("--thumbprint <hex>", "trust it only if it has this fingerprint, SHA-256 or SHA-1")
    .option("--json", "print JSON; requires --yes or --thumbprint");
  addOutputOptions(trust)
    .addHelpText("after", examples)
    .action((host: string | undefined, flags: TrustFlags) => run(io, "add", host, flags));
  addOutputOptions(trust.command("ls").option("--json", "print JSON, one object per line"))
    .summary("list trusted certificates")
    .description("Lists trusted certificates.")
    .addHelpText("after", "\nExamples:\n  carrel trust ls")
    .action((flags: TrustFlags) => run(io, "ls", undefined, flags));
  addOutputOptions(trust.command("rm").option("--json", "print JSON"))
    .summary("stop trusting the certificate of a host")
    .description("Stops trusting the certificate of a host.")
    .argument("<host[:port]>", "a host name, or a URL")
    .addHelpText("after", "\nExamples:\n  carrel trust rm vc.example.com")
    .action((host: string, flags: TrustFlags) => run(io, "rm", host, flags));
}

async function run(io: ProgramIo, verb: Verb, host: string | undefined, flags: TrustFlags): Promise<void> {
  const [{ runCommand }, { runTrust }] = await Promise.all([import("../../run/run-command.ts"), import("./run.ts")]);
  // What is asked about must be seen.
  const answers = verb === "ls" || (verb === "add" && flags.yes !== true && flags.thumbprint === undefined);
  await runCommand(io, { ...flags, answers }, (begun) => runTrust[verb](host, flags, begun));
}
