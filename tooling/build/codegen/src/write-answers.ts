import { banner } from "./banner.ts";
import type { OperationModel } from "./operation-model.ts";
import { modelName } from "./spec.ts";
import type { Schema, Spec } from "./spec.ts";

/**
 * The kinds of the members of results, in the shortest form, because they are part of a client's bundle: the kind of each member,
 * `[]` for a list of them, `!` for a required one.
 */
export function writeAnswers(operations: readonly OperationModel[], models: Spec): string {
  const schemas = models.components.schemas ?? {};
  const names = new Set<string>();
  const entries: string[] = [];
  const add = (name: string): void => {
    const { properties } = schemas[name] ?? {};
    // Messages have several shapes, which hand-written code of the client reads.
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

  /** Strings that become parts of paths and names of files are a kind of their own, because their length is limited. */
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
