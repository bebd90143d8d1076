import { Argument } from "commander";
import type { Command } from "commander";
import type { ProgramIo } from "../../process/program-io.ts";
import type { Shell } from "./run.ts";

const examples = `
Examples:
  echo 'source <(carrel completion bash)' >> ~/.bashrc
  carrel completion zsh > "\${fpath[1]}/_carrel"
  carrel completion fish > ~/.config/fish/completions/carrel.fish`;

/** Adds `carrel completion`. */
export function addCompletionCommand(program: Command, io: ProgramIo): void {
  program
    .command("completion")
    .summary("print a script that makes a shell complete commands and options")
    .description("Prints a completion script for commands and options. It does not contact any server.")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", examples)
    .action(async (shell: Shell) => {
      const { runCompletion } = await import("./run.ts");
      runCompletion(program, shell, io);
    });
}
