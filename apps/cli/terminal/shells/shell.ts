import type { CommandNode } from "../../src/commands/completion/command-tree.ts";
import type { ShellPlace } from "./run-shell.ts";

/** One thing that a shell offers to complete a word with. */
export interface Offer {
  /** The whole word, or the part of it that is shown. */
  readonly word: string;
  /** Empty where the shell shows none. */
  readonly description: string;
}

/** A shell that completes a line as it does for a person who presses Tab. */
export interface Shell {
  readonly name: "bash" | "zsh" | "fish";
  /** The script that completes a program's commands. */
  script(program: CommandNode): string;
  /** What makes the completions that a file holds known to the shell. */
  load(file: string): string;
  /** The same as the help says it, with the program on the path. */
  readonly install: string;
  /** What is offered at the end of a line, after some code was run. */
  complete(setup: string, line: string, place: ShellPlace): Promise<readonly Offer[]>;
}
