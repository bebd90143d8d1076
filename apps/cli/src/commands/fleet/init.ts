import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { loadDocuments } from "./load-fleet.ts";

/** `carrel fleet init`: a document to begin with, and the schema that editors check it by. The schema is replaced. */
export async function runInit(directory: string, { screen }: Run): Promise<void> {
  const { fleetSchema, sampleDocument } = await loadDocuments();
  const [path, schema] = [join(directory, "fleet.yaml"), join(directory, "fleet.schema.json")];
  if (await exists(path)) {
    throw new CliError(`Cannot write ${printable(path)}: it exists already`, { exitCode: exitCodes.failed });
  }
  await mkdir(directory, { recursive: true });
  await writeFile(schema, `${JSON.stringify(fleetSchema(), undefined, 2)}\n`);
  await writeFile(path, sampleDocument, { flag: "wx" });
  screen.print(printable(`Written: ${path}`));
  screen.print(printable(`Written: ${schema}`));
  screen.remark(`Change it, then: carrel fleet apply ${printable(path)}`);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
