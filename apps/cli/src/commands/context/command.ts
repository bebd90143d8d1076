import { Option } from "commander";
import type { Command } from "commander";
import { verifiedLevels } from "../../settings/transfer-options.ts";
import type { ProgramIo } from "../../process/program-io.ts";
import { addFormatOptions, wantsJson } from "../../settings/list-options.ts";
import type { FormatFlags } from "../../settings/list-options.ts";
import { addOutputOptions } from "../../settings/output-options.ts";
import type { OutputFlags } from "../../settings/output-options.ts";

/** Flags of `carrel context` and its commands. */
export interface ContextFlags extends OutputFlags, FormatFlags {
  readonly server?: string;
  readonly user?: string;
  readonly thumbprint?: string;
  readonly ca?: string;
  readonly wire?: string;
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  readonly proxy?: string;
  readonly directory?: string;
  readonly limitRate?: string;
  readonly retryFor?: string;
  readonly requireVerified?: string;
  readonly default?: boolean;
  readonly replace?: boolean;
  readonly yes?: boolean;
  readonly context?: string;
}

const examples = `
Examples:
  carrel context add lab --server vc.example.com --user reader@vsphere.local
  carrel context add night --server vc.example.com --user backup@vsphere.local --password-file ~/vc.password
  carrel context ls
  carrel context use lab            from now on, lab is what commands without --context connect to
  carrel --context night ls         for one command; CARREL_CONTEXT=night for a shell
  carrel login --save lab           logs in, and adds the context`;

/** Adds `carrel context` and its own commands. */
export function addContextCommand(program: Command, io: ProgramIo): void {
  const context = program
    .command("context")
    .summary("list, add, choose and remove named settings")
    .description(
      "Manages the contexts of the config file: a vCenter, a user and how they are recognized, under a name. One of them " +
        "may be the default. A context contains no password, only where to get it.",
    )
    .addHelpText("after", examples);
  addFormatOptions(add(context, io, "ls", "list contexts"), "names");
  add(context, io, "use", "make a context the default").argument("<context>", "its name");
  add(context, io, "show", "show the settings of a context")
    .argument("[context]", "its name (default: the one in effect)")
    .option("--json", "print JSON")
    .addOption(new Option("--context <name>").hideHelp());
  add(context, io, "add", "add a context; the first one becomes the default")
    .argument("<name>", "a new name")
    .requiredOption("--server <host>", "the vCenter: a host name, or a URL")
    .option("--user <name>", "such as reader@vsphere.local")
    .option("--thumbprint <hex>", "accept this certificate only: its SHA-256 or SHA-1 fingerprint")
    .option("--ca <file>", "trust the authorities whose certificates this file holds, and no others")
    .addOption(new Option("--wire <style>", "API style of the server (default: auto)").choices(["auto", "api", "rest"]))
    .option("--password-file <file>", "a file whose first line is the password, which only you can read")
    .option("--password-command <command>", "a program, and arguments, whose first line is the password")
    .option("--proxy <url>", "reach the vCenter through this HTTP proxy, or through none: http://HOST:PORT, none")
    .option("--directory <dir>", 'where "carrel get" makes a directory for each item (default: the current one)')
    .option("--limit-rate <bytes>", "bytes per second for all files together, for example 50M")
    .option("--retry-for <time>", "how long get and mirror overcome outages of the server, for example 1h")
    .addOption(new Option("--require-verified [=level]", "fail if a file is verified by less").choices(verifiedLevels))
    .option("--default", "make it the default")
    .option("--replace", "replace a context of that name");
  add(context, io, "rm", "remove a context")
    .argument("<context>", "its name")
    .option("--yes", "remove it without asking");
}

type Verb = "ls" | "use" | "show" | "add" | "rm";

const verbExamples: Readonly<Record<Verb, readonly string[]>> = {
  ls: ["carrel context ls"],
  use: ["carrel context use lab"],
  show: ["carrel context show", "carrel context show night"],
  add: [
    "carrel context add lab --server vc.example.com --user reader@vsphere.local",
    "carrel context add night --server vc.example.com --password-command 'pass show vc/lab'",
    "carrel context add desk --server vc.example.com --user me --password-command 'secret-tool lookup service carrel account me'",
  ],
  rm: ["carrel context rm lab"],
};

function add(parent: Command, io: ProgramIo, verb: Verb, summary: string): Command {
  const command = parent
    .command(verb)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`);
  command.addHelpText("after", `\nExamples:\n${verbExamples[verb].map((example) => `  ${example}`).join("\n")}`);
  return addOutputOptions(command).action(
    async (...given: readonly (string | ContextFlags | undefined | Command)[]) => {
      const name = typeof given[0] === "string" ? given[0] : undefined;
      const flags: ContextFlags = command.opts();
      const [{ runCommand }, { runContext }] = await Promise.all([
        import("../../run/run-command.ts"),
        import("./run.ts"),
      ]);
      const answers = verb === "ls" || verb === "show";
      await runCommand(io, { ...flags, json: wantsJson(flags), answers }, (run) =>
        runContext[verb](name ?? "", flags, run),
      );
    },
  );
}
