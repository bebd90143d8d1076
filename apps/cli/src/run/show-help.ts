import type { Command } from "commander";

/**
 * Shows the help of the command that words lead to, such as `sessions rm`, and ends. Commander's own "help" takes the first
 * word only.
 * @throws CommanderError always: it is how commander ends.
 */
export function showHelp(program: Command, words: readonly string[]): never {
  let command = program;
  for (const word of words) {
    // Options mean nothing here.
    if (word.startsWith("-")) continue;
    const next = command.commands.find((child) => child.name() === word);
    if (!next) return command.error(`error: unknown command '${word}'`);
    command = next;
  }
  return command.help();
}
