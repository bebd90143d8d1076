import type { Command } from "commander";
import { bashScript } from "../completion/bash-script.ts";
import { commandTree } from "../completion/command-tree.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";
import type { CommandNode } from "../completion/command-tree.ts";
import type { Run } from "../run-command.ts";

/** Shells that there is a script for. */
export type Shell = "bash" | "zsh" | "fish";

const scripts: Readonly<Record<Shell, (program: CommandNode) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `carrel completion`. */
export async function runCompletion(program: Command, shell: Shell, { screen }: Run): Promise<void> {
  screen.print(scripts[shell](commandTree(program)).trimEnd());
}
