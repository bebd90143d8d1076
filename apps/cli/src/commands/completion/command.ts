import { Argument } from "commander";
import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import type { Shell } from "./run.ts";

const examples = `
Examples:
  echo 'source <(carrel completion bash)' >> ~/.bashrc
  carrel completion zsh > "\${fpath[1]}/_carrel"
  carrel completion fish > ~/.config/fish/completions/carrel.fish
  carrel completion powershell >> $PROFILE

Names that "carrel ls", "find" and "get" showed at a terminal are offered, too, with contexts and trusted hosts. They
are remembered for each server, in a file that only you can read, until "carrel logout" or "carrel context rm".`;

/** Adds `carrel completion`. */
export function addCompletionCommand(program: Command, io: ProgramIo): void {
  program
    .command("completion")
    .summary("print a script that makes a shell complete commands, options and names")
    .description("Prints a completion script for commands, options and names. It never contacts a server.")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish", "powershell"]))
    .addHelpText("after", examples)
    .action(async (shell: Shell) => {
      const { runCompletion } = await import("./run.ts");
      runCompletion(program, shell, io);
    });
}
