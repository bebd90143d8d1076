import { isObject } from "@carrel/core/kit";
import { modelSchemas } from "@carrel/core/operations";
import type { ModelSchema } from "@carrel/core/operations";
import { updateModelSchemas } from "../gen/facts.gen.ts";
import { framework } from "../model/vapi-error.ts";

const schemas: Readonly<Record<string, ModelSchema>> = { ...modelSchemas, ...updateModelSchemas };

/** Checks a value against a model. Throws INVALID_ARGUMENT with the place of the mistake. */
export function checkModel(schema: ModelSchema, value: unknown, place: string): void {
  const inner = schema.model === undefined ? schema : schemas[schema.model];
  if (!inner) throw new Error(`the specification has no model ${schema.model}`);
  if (inner !== schema) {
    checkModel(inner, value, place);
    return;
  }
  switch (schema.type) {
    case "object":
      checkObject(schema, value, place);
      break;
    case "array":
      if (!Array.isArray(value)) throw framework.wrongType(place, "an array");
      for (const [index, element] of value.entries()) checkModel(schema.items ?? {}, element, `${place}[${index}]`);
      break;
    case "string":
      checkString(schema, value, place);
      break;
    case "integer":
    case "number":
      checkNumber(schema, value, place);
      break;
    case "boolean":
      if (typeof value !== "boolean") throw framework.wrongType(place, "a boolean");
      break;
    default:
      break;
  }
}

function checkObject(schema: ModelSchema, value: unknown, place: string): void {
  if (!isObject(value)) throw framework.wrongType(place || "body", "an object");
  const at = (name: string): string => (place ? `${place}.${name}` : name);
  for (const name of schema.required ?? []) {
    if (value[name] === undefined || value[name] === null) throw framework.missingMember(at(name));
  }
  for (const [name, member] of Object.entries(value)) {
    const memberSchema = schema.properties?.[name] ?? schema.additionalProperties;
    if (schema.properties && !memberSchema) throw framework.unsupportedProperty(at(name));
    // The servers of the vendor treat null as absent.
    if (memberSchema && member !== null) checkModel(memberSchema, member, at(name));
  }
}

function checkString(schema: ModelSchema, value: unknown, place: string): void {
  if (typeof value !== "string") throw framework.wrongType(place, "a string");
  if (schema.enum && !schema.enum.includes(value)) throw framework.wrongType(place, `one of ${schema.enum.join(", ")}`);
  if (schema.format === "date-time" && Number.isNaN(Date.parse(value))) throw framework.wrongType(place, "a date-time");
}

function checkNumber(schema: ModelSchema, value: unknown, place: string): void {
  if (typeof value !== "number") throw framework.wrongType(place, "a number");
  if (schema.type === "integer" && !Number.isSafeInteger(value)) throw framework.wrongType(place, "a whole number");
  if (schema.minimum !== undefined && value < schema.minimum) {
    throw framework.wrongType(place, `at least ${schema.minimum}`);
  }
  if (schema.maximum !== undefined && value > schema.maximum) {
    throw framework.wrongType(place, `at most ${schema.maximum}`);
  }
}
