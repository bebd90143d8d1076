import { linesOfCommands } from "./json-shapes.ts";
import type { Shape } from "./json-shape-parts.ts";

/** The commands that write JSON. */
export const commandsWithJson: readonly string[] = Object.keys(linesOfCommands);

/** Returns the JSON Schema (2020-12) of a line that a command writes with `--json`, or of a line of any of them. */
export function jsonSchema(command?: string): Shape {
  const names = command === undefined ? commandsWithJson : [command];
  const shapes = names.map((name) => ({
    title: `A line of carrel ${name} --json`,
    anyOf: linesOfCommands[name] ?? [],
  }));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...(shapes.length === 1 ? shapes[0] : { anyOf: shapes }),
  };
}
