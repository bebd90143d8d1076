import { CommanderError } from "commander";
import type { Command } from "commander";
import { addCatCommand } from "./commands/cat/command.ts";
import { addCompletionCommand } from "./commands/completion/command.ts";
import { addContextCommand } from "./commands/context/command.ts";
import { addDemoCommand } from "./commands/demo/command.ts";
import { addDiffCommand } from "./commands/diff/command.ts";
import { addDoctorCommand } from "./commands/doctor/command.ts";
import { addFindCommand } from "./commands/find/command.ts";
import { addFleetCommand } from "./commands/fleet/command.ts";
import { addGetCommand } from "./commands/get/command.ts";
import { addInfoCommand } from "./commands/info/command.ts";
import { addInstallTimerCommand } from "./commands/install-timer/command.ts";
import { addLoginCommands } from "./commands/login/command.ts";
import { addLsCommands } from "./commands/ls/command.ts";
import { addMirrorCommand } from "./commands/mirror/command.ts";
import { addPublishCommand } from "./commands/publish/command.ts";
import { addServeCommand } from "./commands/serve/command.ts";
import { addSessionsCommand } from "./commands/sessions/command.ts";
import { addSimCommand } from "./commands/sim/command.ts";
import { addStatusCommand } from "./commands/status/command.ts";
import { addSyncCommand } from "./commands/sync/command.ts";
import { addTrustCommand } from "./commands/trust/command.ts";
import { addVerifyCommand } from "./commands/verify/command.ts";
import { exitCodes } from "./process/cli-error.ts";
import { version } from "./gen/package.gen.ts";
import { columnsOf } from "./output/terminal.ts";
import { processIo } from "./process/program-io.ts";
import type { ProgramIo } from "./process/program-io.ts";
import { ProgramCommand } from "./help/program-command.ts";
import { helpTopics, topicSummaries, topicText } from "./help/topics.ts";
import { refuseEmpty, showHelp, reportUsage } from "./run/usage.ts";
import { addGlobalOptions, passGlobalOptions } from "./settings/global-options.ts";

const description = "Downloads items of VMware vSphere Content Library, and verifies every file.";
const moreHelp = `
Topics:
${helpTopics.map((topic) => `  carrel help ${topic.padEnd(13)}  ${topicSummaries[topic]}`).join("\n")}

Examples:
  carrel demo                              needs no vCenter
  carrel login --server vc.example.com --user reader@vsphere.local
  carrel ls
  carrel get Images/ubuntu-26.04`;

/** Describes the commands and what each of them does. */
export function createProgram(io: ProgramIo = processIo): ProgramCommand {
  const program = new ProgramCommand("carrel")
    .description(description)
    .version(version)
    .exitOverride()
    // What follows a command belongs to the command: "carrel sim --version 9.1" does not ask for the version of this program.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => columnsOf(io.stdout, io.env),
      getErrHelpWidth: () => columnsOf(io.stderr, io.env),
    })
    .addHelpText("after", moreHelp)
    .hook("preAction", (_root, command) => {
      passGlobalOptions(command);
      refuseEmpty(command);
    });
  addGlobalOptions(program);
  program.commandsGroup("Download:");
  addGetCommand(program, io);
  addMirrorCommand(program, io);
  addStatusCommand(program, io);
  addInstallTimerCommand(program, io);
  addVerifyCommand(program, io);
  addDiffCommand(program, io);
  program.commandsGroup("Fleets:");
  addFleetCommand(program, io);
  program.commandsGroup("Publish:");
  addPublishCommand(program, io);
  addServeCommand(program, io);
  program.commandsGroup("Look around:");
  addLsCommands(program, io);
  addFindCommand(program, io);
  addInfoCommand(program, io);
  addCatCommand(program, io);
  addSyncCommand(program, io);
  program.commandsGroup("Connect and diagnose:");
  addSessionsCommand(program, io);
  addTrustCommand(program, io);
  addLoginCommands(program, io);
  addContextCommand(program, io);
  addDoctorCommand(program, io);
  program.commandsGroup("Others:");
  addSimCommand(program, io);
  addDemoCommand(program, io);
  addCompletionCommand(program, io);
  program.helpCommand("help [command]", "explain a command, or a topic");
  return program;
}

/** Parses the command line and runs the command. Sets the exit code; a wrong command line does not make it reject. */
export async function runProgram(args: readonly string[], io: ProgramIo): Promise<void> {
  const program = createProgram(io);
  const said: Said[] = [];
  for (const command of withAllBelow(program)) {
    command.configureOutput({ outputError: (text) => said.push({ command, text }) });
  }
  try {
    if (args[0] === "help" && args[1] === "json" && args[2] === "--schema") {
      const { writeSchema } = await import("./help/schema.ts");
      return writeSchema(program, args.slice(3), io);
    }
    const topic = args[0] === "help" ? topicText(args.slice(1), io) : undefined;
    if (topic !== undefined) return void io.stdout.write(topic);
    if (args[0] === "help") showHelp(program, args.slice(1));
    await program.parseAsync(withoutUnknown(program, args).map(withOwnValue), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    io.setExitCode(error.exitCode === 0 ? exitCodes.done : exitCodes.usage);
    if (said.length === 0) return;
    for (const { command, text } of said) await reportUsage(command, text, { json: args.includes("--json"), io });
  }
}

/**
 * `--require-verified Images/x` would take the next argument as the level; its value only ever follows "=".
 */
function withOwnValue(arg: string): string {
  return arg === "--require-verified" ? "--require-verified=length" : arg;
}

/** What commander reports about a wrong command line. */
interface Said {
  readonly command: Command;
  readonly text: string;
}

/**
 * Leaves out what follows an unknown command: `carrel export --help` would show the help of `carrel` and end with 0, so that
 * a script could not find out whether there is such a command.
 */
function withoutUnknown(command: Command, args: readonly string[]): readonly string[] {
  const [word = "", ...rest] = args;
  if (command.commands.length === 0 || word === "" || word.startsWith("-") || word === "help") return args;
  const next = command.commands.find((child) => child.name() === word);
  if (next !== undefined) return [word, ...withoutUnknown(next, rest)];
  return command.registeredArguments.length > 0 ? args : [word];
}

function withAllBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}
