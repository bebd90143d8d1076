import { defined } from "@carrel/core/kit";
import { documentShape } from "./document-shape.ts";
import { namePattern } from "./shapes.ts";
import type { RecordShape, Shape } from "./shapes.ts";

/**
 * Returns the JSON Schema (2020-12) of fleet documents, for editors. It is made of the table that documents are checked by, so
 * the two cannot differ; what needs more than one value, such as two mirrors to one place, only {@link readFleetDocument} finds.
 */
export function fleetSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A fleet of Carrel",
    ...schemaOf(documentShape),
  };
}

function schemaOf(shape: Shape): Readonly<Record<string, unknown>> {
  const { description } = shape;
  switch (shape.kind) {
    case "text": {
      const { pattern, examples } = shape;
      return { type: "string", description, minLength: 1, ...defined({ pattern, examples }) };
    }
    case "count":
      return { type: "integer", description, minimum: shape.least, maximum: shape.most, default: shape.fallback };
    case "flag":
      return { type: "boolean", description, default: shape.fallback };
    case "names":
      return {
        type: "object",
        description,
        propertyNames: { pattern: namePattern },
        additionalProperties: schemaOf(shape.each),
      };
    case "record":
      return recordSchema(shape);
    default:
      return shape satisfies never;
  }
}

function recordSchema({
  description,
  members,
  required,
  oneOf,
  needs,
}: RecordShape): Readonly<Record<string, unknown>> {
  return {
    type: "object",
    description,
    properties: Object.fromEntries(Object.entries(members).map(([key, shape]) => [key, schemaOf(shape)])),
    required,
    additionalProperties: false,
    ...defined({
      oneOf: oneOf?.map((key) => ({ required: [key] })),
      dependentRequired: needs && Object.fromEntries(Object.entries(needs).map(([key, other]) => [key, [other]])),
    }),
  };
}
