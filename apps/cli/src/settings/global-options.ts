import { Command } from "commander";
import { addConnectionOptions } from "./connection-settings.ts";

/** Adds the flags for connecting to the program itself, or to a group of commands, so that they may also come before the command. */
export function addGlobalOptions(group: Command): void {
  for (const option of addConnectionOptions(new Command()).options) {
    // A password stays unknown there, and is refused as such.
    if (!option.hidden) group.addOption(option);
  }
}

/**
 * Gives a command the flags that came before it, unless it has the same ones itself. Of two, the nearer one counts.
 * @throws CommanderError the command has no such flag.
 */
export function passGlobalOptions(command: Command): void {
  for (let group = command.parent; group !== null; group = group.parent) passOptionsOf(group, command);
}

function passOptionsOf(group: Command, command: Command): void {
  for (const option of group.options) {
    const name = option.attributeName();
    if (group.getOptionValueSource(name) !== "cli" || option.long === "--version") continue;
    if (!command.options.some(({ long }) => long === option.long)) {
      command.error(`error: unknown option '${option.long ?? option.flags}'`);
    }
    if (command.getOptionValueSource(name) === "cli") continue;
    command.setOptionValueWithSource(name, group.getOptionValue(name), "cli");
  }
}
