import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkFloors } from "./check-floors.ts";
import { ImportTable } from "./check-import-table.ts";
import { checkImports } from "./check-imports.ts";
import { checkMessages } from "./check-messages.ts";
import { checkStamps } from "./check-stamps.ts";
import { checkWords, hasProse } from "./check-words.ts";
import { checkWorkflows } from "./check-workflows.ts";
import type { Finding } from "./finding.ts";
import { checkShortFiles, isHandWritten, measureFiles } from "./measure-files.ts";
import type { Lengths } from "./measure-files.ts";
import { readPackages, sourceFiles, textFiles } from "./workspace.ts";

export interface LintResult {
  readonly findings: readonly Finding[];
  readonly lengths: Lengths | undefined;
}

/** Checks the repository at `root`. */
export async function lint(root: string): Promise<LintResult> {
  const packages = await readPackages(root);
  const table = new ImportTable(await readFile(join(root, "ARCHITECTURE.md"), "utf8"), packages);
  const findings: Finding[] = [...table.checkRows()];
  findings.push(...(await checkWorkflows(root)));
  const handWritten = new Map<string, string>();
  for (const own of packages) {
    for (const file of await sourceFiles(root, own.folder)) {
      const text = await readFile(join(root, file), "utf8");
      findings.push(
        ...checkImports(file, text, own, packages),
        ...table.checkFile(file, text, own),
        ...checkMessages(file, text),
      );
      if (isHandWritten(file)) handWritten.set(file, text);
    }
  }
  for (const file of (await textFiles(root)).filter(hasProse)) {
    findings.push(...checkWords(file, await readFile(join(root, file), "utf8")));
  }
  findings.push(...checkFloors(handWritten), ...checkShortFiles(handWritten), ...checkStamps(handWritten));
  return { findings, lengths: measureFiles(handWritten) };
}
