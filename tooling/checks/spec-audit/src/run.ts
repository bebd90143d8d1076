import { readFile } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { judge, readAccepted } from "./accepted.ts";
import { audit } from "./audit.ts";
import { readOurs } from "./our-documents.ts";
import type { RawDocument } from "./raw-document.ts";
import { readDocument } from "./read-document.ts";
import { report } from "./report.ts";

const USAGE = `usage: pnpm spec:audit FILE [--version V] [--spec FOLDER] [--accepted FILE]

FILE is a specification of the vendor's: Swagger 2.0 or OpenAPI 3, YAML or JSON, in one wire style or both.
--version V   the vSphere version it describes, where neither its text nor its name states it
Exit code 0: no difference but accepted ones. 1: there are differences. 2: the audit could not be made.
`;

/** Runs the audit. Returns the exit code. */
export async function run(args: readonly string[], write: (text: string) => void): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { version: { type: "string" }, spec: { type: "string" }, accepted: { type: "string" } },
    });
    const [file, ...more] = positionals.filter((argument) => argument !== "--");
    if (file === undefined || more.length > 0) {
      write(USAGE);
      return 2;
    }
    const spec = folderUrl(values.spec) ?? new URL("../../../../packages/core/spec/", import.meta.url);
    const theirs = readDocument(await readYaml<RawDocument>(file), file, { version: values.version });
    const accepted = values.accepted ?? new URL("../accepted-differences.yaml", import.meta.url);
    const result = audit(await readOurs(spec), theirs);
    if (result.compared === 0) throw new Error(`${file} describes none of our operations`);
    const judgement = judge(result, readAccepted(await readYaml(accepted)));
    write(report(theirs, result, judgement));
    return judgement.open.length === 0 ? 0 : 1;
  } catch (error) {
    write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

/** JSON is YAML too. */
async function readYaml<T>(file: string | URL): Promise<T> {
  const text = await readFile(file, "utf8");
  try {
    return (text.trimStart().startsWith("{") ? JSON.parse(text) : parse(text)) as T;
  } catch (cause) {
    throw new Error(`${String(file)} is neither JSON nor YAML: ${(cause as Error).message}`, { cause });
  }
}

function folderUrl(path: string | undefined): URL | undefined {
  return path === undefined ? undefined : pathToFileURL(`${resolve(path)}${sep}`);
}
