import type { Command } from "commander";

const why = "Is a variable unset?";
const currentFolder = 'The current folder is "."';

/**
 * Refuses options and arguments that are empty. Nobody types them: in a script they are variables that are not set, and what
 * it meant is not what would happen without them.
 * @throws CommanderError one is empty.
 */
export function refuseEmpty(command: Command): void {
  for (const [index, argument] of command.registeredArguments.entries()) {
    const name = argument.name();
    if (isEmpty(command.processedArgs[index])) refuse(command, `<${name}>`, name.startsWith("dir"));
  }
  for (const option of command.options) {
    // A password is refused whatever it is.
    if (option.hidden || !isEmpty(command.getOptionValue(option.attributeName()))) continue;
    refuse(command, option.long ?? option.flags, /<dir/u.test(option.flags));
  }
}

function isEmpty(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.includes(""));
}

function refuse(command: Command, name: string, isFolder: boolean): never {
  return command.error(`error: ${name} is empty\n${why}${isFolder ? ` ${currentFolder}` : ""}`);
}
