import type { Command } from "commander";
import { bashScript } from "./bash-script.ts";
import { commandTree } from "./command-tree.ts";
import { fishScript } from "./fish-script.ts";
import { powershellScript } from "./powershell-script.ts";
import { zshScript } from "./zsh-script.ts";
import type { ProgramIo } from "../../process/program-io.ts";
import type { CommandNode } from "./command-tree.ts";

/** Shells with a completion script. */
export type Shell = "bash" | "zsh" | "fish" | "powershell";

const scripts: Readonly<Record<Shell, (program: CommandNode) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

/** `carrel completion`. Loads little: shells wait for it when they start. */
export function runCompletion(program: Command, shell: Shell, { stdout }: ProgramIo): void {
  stdout.write(scripts[shell](commandTree(program)));
}
