import type { Command } from "commander";
import { commandsWithJson, jsonSchema } from "../output/json-schema.ts";
import type { ProgramIo } from "../process/program-io.ts";

/**
 * Writes the JSON Schema of the lines of a command, or of all commands: `carrel help json --schema [COMMAND]`.
 * @throws CommanderError there is no such command, or it does not write JSON.
 */
export function writeSchema(program: Command, words: readonly string[], { stdout }: Pick<ProgramIo, "stdout">): void {
  const [command, ...more] = words;
  if (more.length > 0 || (command !== undefined && !commandsWithJson.includes(command))) {
    return program.error(`error: no JSON of '${words.join(" ")}'\nCommands with JSON: ${commandsWithJson.join(", ")}`);
  }
  stdout.write(`${JSON.stringify(jsonSchema(command), undefined, 2)}\n`);
}
