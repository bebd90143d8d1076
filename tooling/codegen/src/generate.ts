import { readOperations } from "./read-operations.ts";
import { readSpec } from "./spec.ts";
import type { Spec } from "./spec.ts";
import { writeFace } from "./write-face.ts";
import { writeFacts } from "./write-facts.ts";
import { writeModels } from "./write-models.ts";
import { writeOperations } from "./write-operations.ts";

/** Everything that is generated from a folder with `models.yaml`, `api.yaml` and `rest.yaml`: file name and text. */
export async function generate(folder: URL): Promise<ReadonlyMap<string, string>> {
  const modelsFile = new URL("models.yaml", folder);
  const [models, api, rest] = await Promise.all([
    readSpec(modelsFile),
    readSpec(new URL("api.yaml", folder)),
    readSpec(new URL("rest.yaml", folder)),
  ]);
  const operations = readOperations(api, rest);
  return new Map([
    ["models.gen.ts", await writeModels(modelsFile)],
    ["operations.gen.ts", writeOperations(operations, mapMembers(models))],
    ["facts.gen.ts", writeFacts(operations, models)],
    ["face.gen.ts", writeFace(operations)],
  ]);
}

function mapMembers(models: Spec): readonly string[] {
  const names = new Set<string>();
  for (const schema of Object.values(models.components.schemas ?? {})) {
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      if (member.additionalProperties) names.add(name);
    }
  }
  return [...names];
}
