import type { Finding } from "./finding.ts";
import type { WorkspacePackage } from "./workspace.ts";

interface OxlintConfig {
  readonly overrides?: readonly {
    readonly files?: readonly string[];
    readonly rules?: Readonly<Record<string, unknown>>;
  }[];
}

const CONFIG = ".oxlintrc.json";

/**
 * The import table of ARCHITECTURE.md is the `no-restricted-imports` overrides of oxlint's configuration. Finds packages
 * and apps without one, which would be free to import anything, and overrides of packages that are gone.
 */
export function checkImportTable(config: string, packages: readonly WorkspacePackage[]): readonly Finding[] {
  const { overrides = [] } = JSON.parse(config) as OxlintConfig;
  const entries = overrides
    .filter(({ rules }) => rules?.["no-restricted-imports"] !== undefined)
    .flatMap(({ files = [] }) => files);
  const expected = packages
    .filter(({ folder }) => !folder.startsWith("tooling/"))
    .map(({ folder }) => `${folder}/src/**`);
  const missing = expected.filter((files) => !entries.includes(files));
  const stale = entries.filter((files) => !expected.includes(files));
  return [
    ...missing.map((files) => ({
      file: CONFIG,
      line: 1,
      rule: "import-table",
      message: `No override of "no-restricted-imports" for "${files}", so it may import anything.`,
      mend: "add one that allows what the table in ARCHITECTURE.md allows.",
    })),
    ...stale.map((files) => ({
      file: CONFIG,
      line: lineOf(config, files),
      rule: "import-table",
      message: `The override for "${files}" speaks of no package.`,
      mend: `name one folder of packages or apps, as "packages/core/src/**", or take it out.`,
    })),
  ];
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split("\n").length;
}
