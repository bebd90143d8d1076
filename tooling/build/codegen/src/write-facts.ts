import { banner } from "./banner.ts";
import type { OperationModel, RouteModel } from "./operation-model.ts";
import type { Schema, Spec } from "./spec.ts";
import type { GeneratedPackage } from "./generated-package.ts";

/**
 * What a server needs beyond the operation table: the declared errors, and the schemas of the inputs.
 * A separate file, so that it is not part of a client's bundle.
 */
export function writeFacts(operations: readonly OperationModel[], models: Spec, target: GeneratedPackage): string {
  const entries = operations.map((operation) => {
    const fact = { privilege: operation.privilege, api: routeFact(operation.api), rest: routeFact(operation.rest) };
    return `  ${JSON.stringify(operation.id)}: ${JSON.stringify(fact)},`;
  });
  const schemas = Object.entries(models.components.schemas ?? {}).map(
    ([name, schema]) => `  ${JSON.stringify(name)}: ${JSON.stringify(bare(schema))},`,
  );
  return `${banner}
import type { ModelSchema, OperationFacts } from "${target.factTypes}";
import type { ${target.idType} } from "./operations.gen.ts";

/** Declared errors and inputs of every operation. */
export const ${target.facts}: Readonly<Record<${target.idType}, OperationFacts>> = {
${entries.join("\n")}
};

/** The models as schemas, without their texts. */
export const ${target.schemas}: Readonly<Record<string, ModelSchema>> = {
${schemas.join("\n")}
};
`;
}

function routeFact(route: RouteModel): unknown {
  const required = route.query.filter((member) => member.required).map((member) => member.name);
  return {
    errors: route.errors,
    requiredQuery: required,
    ...(route.body
      ? { input: { model: route.body.model, required: route.body.required, members: route.body.members } }
      : {}),
  };
}

/** A schema without descriptions, references shortened to the model's name. */
function bare(schema: Schema): unknown {
  const target = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (target) return { model: target.slice(target.lastIndexOf("/") + 1) };
  const { type, format, minimum, maximum, required, properties, items, additionalProperties } = schema;
  return {
    type,
    format,
    enum: schema.enum,
    minimum,
    maximum,
    required,
    properties:
      properties && Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, bare(inner)])),
    items: items && bare(items),
    additionalProperties: additionalProperties && bare(additionalProperties),
  };
}
