import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import { linesOfCommands } from "../../src/output/json-shapes.ts";

const ajv = new Ajv2020({
  strict: false,
  formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u },
});
const validators = new Map<string, ValidateFunction>();
/** Lines that end a stream of events. */
const last: ReadonlySet<unknown> = new Set(["summary", "error", "done"]);
const streams: ReadonlySet<string> = new Set(["get", "doctor", "verify"]);

/** Forbids members that are not declared, so that tests find them. Consumers must allow them. */
function closed(shape: unknown): unknown {
  if (Array.isArray(shape)) return shape.map(closed);
  if (typeof shape !== "object" || shape === null) return shape;
  const inner = Object.fromEntries(Object.entries(shape).map(([name, value]) => [name, closed(value)]));
  return "properties" in shape && !("$comment" in shape) ? { ...inner, additionalProperties: false } : inner;
}

/** Finds the shape of a line by its type, so that a complaint is about that one. */
function validatorFor(command: string, type: string): ValidateFunction | undefined {
  const key = `${command} ${type}`;
  const known = validators.get(key);
  if (known !== undefined) return known;
  const shapes = (linesOfCommands[command] ?? []).filter((shape) => {
    const { const: one, enum: several = [one] } = (shape["properties"] as { type: { const?: string; enum?: string[] } })
      .type;
    return several.includes(type);
  });
  if (shapes.length === 0) return undefined;
  const validate = ajv.compile(closed(shapes.length === 1 ? shapes[0] : { anyOf: shapes }) as object);
  validators.set(key, validate);
  return validate;
}

/**
 * Checks what a run wrote with --json: each line is as the schema of its command says, and a stream of events ends with a
 * summary or an error.
 */
export function checkJson(args: readonly string[], stdout: string): void {
  const command = args.find((arg) => Object.hasOwn(linesOfCommands, arg));
  if (command === undefined || !args.includes("--json") || stdout === "") return;
  let type: unknown;
  for (const line of stdout.trimEnd().split("\n")) {
    const value = JSON.parse(line) as Readonly<Record<string, unknown>>;
    type = value["type"];
    const validate = validatorFor(command, String(type));
    if (validate === undefined) throw new Error(`carrel ${command} --json: no shape is declared for ${line}`);
    if (!validate(value)) throw new Error(`carrel ${command} --json: ${ajv.errorsText(validate.errors)} in ${line}`);
  }
  if (!streams.has(command) || args.includes("--dry-run") || last.has(type)) return;
  throw new Error(`carrel ${command} --json does not end with a summary or an error, but with ${String(type)}`);
}
