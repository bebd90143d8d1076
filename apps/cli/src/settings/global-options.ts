import { Command } from "commander";
import { addConnectionOptions } from "./connection-settings.ts";

/** Adds the flags for connecting to the program itself, so that they may also come before the command. */
export function addGlobalOptions(program: Command): void {
  for (const option of addConnectionOptions(new Command()).options) {
    // A password stays unknown there, and is refused as such.
    if (!option.hidden) program.addOption(option);
  }
}

/**
 * Gives a command the flags that came before it, unless it has the same ones itself.
 * @throws CommanderError the command has no such flag.
 */
export function passGlobalOptions(program: Command, command: Command): void {
  for (const option of program.options) {
    const name = option.attributeName();
    if (program.getOptionValueSource(name) !== "cli" || option.long === "--version") continue;
    if (!command.options.some(({ long }) => long === option.long)) {
      command.error(`error: unknown option '${option.long ?? option.flags}'`);
    }
    if (command.getOptionValueSource(name) === "cli") continue;
    command.setOptionValueWithSource(name, program.getOptionValue(name), "cli");
  }
}
