import { banner } from "./banner.ts";
import type { OperationModel } from "./operation-model.ts";
import { modelName } from "./spec.ts";
import type { Schema, Spec } from "./spec.ts";

/**
 * What the members of results are, as short as it can be said, for a client's bundle carries it: the kind of each member,
 * `[]` for a list of them, `!` where a reader cannot do without it.
 */
export function writeAnswers(operations: readonly OperationModel[], models: Spec): string {
  const schemas = models.components.schemas ?? {};
  const names = new Set<string>();
  const entries: string[] = [];
  const add = (name: string): void => {
    const { properties } = schemas[name] ?? {};
    // Messages come in several shapes, which the client reads by itself.
    if (!properties || names.has(name) || name === "LocalizableMessage") return;
    names.add(name);
    const members = Object.entries(properties).map(([member, schema]) => {
      const required = schemas[name]?.required?.includes(member) ?? false;
      return `    ${member}: ${JSON.stringify(kindOf(member, schema, required))},`;
    });
    entries.push(`  ${name}: {\n${members.join("\n")}\n  },`);
    for (const schema of Object.values(properties)) add(modelName(schema.items ?? schema) ?? "");
  };
  for (const { api } of operations) add(api.result.model ?? "");

  /** Texts that stand in paths and on disks are told apart, for they must not be of any length. */
  function kindOf(member: string, schema: Schema, required: boolean): string {
    if (schema.type === "array") return `${kindOf(member, schema.items ?? {}, false)}[]`;
    const model = modelName(schema);
    const target = model === undefined ? schema : (schemas[model] ?? {});
    if (target.properties) return model ?? "map";
    if (target.additionalProperties) return "map";
    const mark = required ? "!" : "";
    switch (target.type) {
      case "integer":
        return "count";
      case "boolean":
        return "boolean";
      case "string":
        if (target.format === "date-time") return "time";
        return /(?:^|_)(?:id|name)$/.test(member) ? `name${mark}` : `string${mark}`;
      default:
        throw new Error(`${member}: a result cannot be checked for the type ${target.type}`);
    }
  }

  return `${banner}

/**
 * Kinds of the members of results: \`name\` (a text of limited length), \`string\`, \`count\` (a whole number from 0),
 * \`boolean\`, \`time\`, \`map\`, or another model; \`[]\`: a list of them; \`!\`: must be there.
 */
export const answerModels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${entries.join("\n")}
};
`;
}
