import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { judge, readAccepted } from "../../src/accepted.ts";
import { audit } from "../../src/audit.ts";
import type { Audit } from "../../src/audit.ts";
import { readOurs } from "../../src/our-documents.ts";
import type { RawDocument } from "../../src/raw-document.ts";
import { readDocument } from "../../src/read-document.ts";
import { References } from "../../src/references.ts";
import { report } from "../../src/report.ts";

export const fixtures: URL = new URL("../fixtures/", import.meta.url);
export const SWAGGER = "room-8.0.1.yaml";
export const OPENAPI = "room-openapi.json";

/** Audits a fixture after changing it: each change replaces a text that must be there. */
export async function auditOf(
  name: string,
  ...changes: readonly (readonly [from: string, to: string])[]
): Promise<Audit> {
  let text = await readFile(new URL(name, fixtures), "utf8");
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${name} does not contain: ${from}`);
    text = text.replace(from, to);
  }
  return audit(await readOurs(new URL("spec/", fixtures)), readDocument(parse(text) as RawDocument, name));
}

/** The findings, one line each. */
export function lines({ log }: Audit): string[] {
  return log.findings.map(({ style, subject, kind, what, detail }) =>
    [`${style} ${subject}: ${kind} ${what}`, ...(detail === undefined ? [] : [detail])].join("; "),
  );
}

export function reportOf(result: Audit, accepted: unknown = []): string {
  const theirs = {
    label: "room.yaml",
    version: result.log.version,
    operations: [],
    schemas: new Map(),
    references: new References("room.yaml", new Map()),
    broken: [],
  };
  return report(theirs, result, judge(result, readAccepted(accepted)));
}
