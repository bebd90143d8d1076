import { readOperations } from "./read-operations.ts";
import { readSpec } from "./spec.ts";
import type { Spec } from "./spec.ts";
import type { GeneratedPackage } from "./generated-package.ts";
import { writeAnswers } from "./write-answers.ts";
import { writeFace } from "./write-face.ts";
import { writeFacts } from "./write-facts.ts";
import { writeModels } from "./write-models.ts";
import { writeOperations } from "./write-operations.ts";

/**
 * Everything that is generated for a package from the `models.yaml`, `api.yaml` and `rest.yaml` in its folder `spec`:
 * file name and text. The typed face and the models of answers are for the client alone.
 */
export async function generate(folder: URL, target: GeneratedPackage): Promise<ReadonlyMap<string, string>> {
  const modelsFile = new URL("models.yaml", folder);
  const [models, api, rest] = await Promise.all([
    readSpec(modelsFile),
    readSpec(new URL("api.yaml", folder)),
    readSpec(new URL("rest.yaml", folder)),
  ]);
  const operations = readOperations(api, rest);
  return new Map([
    ["models.gen.ts", await writeModels(modelsFile)],
    ["operations.gen.ts", writeOperations(operations, mapMembers(models), target)],
    ["facts.gen.ts", writeFacts(operations, models, target)],
    ...(target.face
      ? ([
          ["face.gen.ts", writeFace(operations)],
          ["answers.gen.ts", writeAnswers(operations, models)],
        ] as const)
      : []),
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
