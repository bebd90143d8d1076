import type { Finding } from "./finding.ts";
import { importsOf } from "./imports-of.ts";
import type { WorkspacePackage } from "./workspace.ts";

const architecture = "ARCHITECTURE.md";

/** A row of the import table: a folder, and which modules its sources may import. */
interface Row {
  readonly folder: string;
  readonly line: number;
  readonly allowed: readonly string[];
}

/** Which packages import which: the table in ARCHITECTURE.md, checked against the sources. */
export class ImportTable {
  readonly #packages: readonly WorkspacePackage[];
  readonly #rows: ReadonlyMap<string, Row>;

  /** @param text - The text of ARCHITECTURE.md. */
  constructor(text: string, packages: readonly WorkspacePackage[]) {
    this.#packages = packages;
    this.#rows = new Map(readRows(text, packages).map((row) => [row.folder, row]));
  }

  /** Finds packages without a row, and rows without a package. */
  checkRows(): readonly Finding[] {
    const folders = this.#packages.map(({ folder }) => folder);
    const missing = folders.filter((folder) => !this.#rows.has(folder) && folder !== "tooling/build/tsconfig");
    const stale = [...this.#rows.values()].filter(({ folder }) => !folders.includes(folder));
    return [
      ...missing.map((folder) => ({
        file: architecture,
        line: 1,
        rule: "import-table",
        message: `The import table has no row for ${folder}.`,
        fix: "add one with what it may import.",
      })),
      ...stale.map(({ folder, line }) => ({
        file: architecture,
        line,
        rule: "import-table",
        message: `The import table has a row for ${folder}, which is not a package.`,
        fix: "correct the folder, or remove the row.",
      })),
    ];
  }

  /**
   * Finds imports that the row of the package does not allow. In packages and apps that concerns every module that a file in
   * `src` imports; in tooling, where anything may be tried out, only the packages of this repository.
   */
  checkFile(file: string, text: string, own: WorkspacePackage): readonly Finding[] {
    const isTooling = own.folder.startsWith("tooling/");
    const row = this.#rows.get(own.folder);
    if (row === undefined || (!isTooling && !file.startsWith(`${own.folder}/src/`))) return [];
    return [...importsOf(text)]
      .filter(({ specifier }) => !specifier.startsWith(".") && !isWithin(specifier, own.name))
      .filter(({ specifier }) => !isTooling || this.#packages.some(({ name }) => isWithin(specifier, name)))
      .filter(({ specifier }) => !row.allowed.some((module) => allows(module, specifier)))
      .map(({ specifier, line }) => ({
        file,
        line,
        rule: "import-table",
        message: `${own.folder} may not import "${specifier}".`,
        fix: `find another way, or add it to the row of ${own.folder} in ${architecture}.`,
      }));
  }
}

/** Whether a module of the table covers a specifier. A name that ends in `/*` or `:` covers everything that begins with it. */
function allows(module: string, specifier: string): boolean {
  return module.endsWith("*") ? specifier.startsWith(module.slice(0, -1)) : module === specifier;
}

function isWithin(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}

function readRows(text: string, packages: readonly WorkspacePackage[]): readonly Row[] {
  return text.split("\n").flatMap((line, index) => {
    const [, folder, cell] = /^\| `((?:packages|apps|tooling)\/[\w/-]+)` *\|[^|]*\| *([^|]*?) *\|$/u.exec(line) ?? [];
    if (folder === undefined || cell === undefined) return [];
    // No package imports itself: its own name in its row is that of a stranger, as `react` is in the row of packages/react.
    const others = packages.filter((each) => each.folder !== folder);
    return [{ folder, line: index + 1, allowed: modulesOf(cell, others) }];
  });
}

/** Reads a cell such as `core (kit, operations), undici, node:`. */
function modulesOf(cell: string, packages: readonly WorkspacePackage[]): readonly string[] {
  return [...cell.matchAll(/([^\s,(]+(?: packages)?)(?: \(([^)]*)\))?/gu)].flatMap(([, name = "", entries = ""]) => {
    if (name === "all packages") return packages.map((each) => `${each.name}*`);
    if (name === "node:") return ["node:*"];
    const own = packages.find(({ folder }) => folder.endsWith(`/${name}`));
    if (!own) return [name, `${name}/*`];
    if (own.folder.startsWith("tooling/")) return [`${own.name}*`];
    return [
      own.name,
      ...entries
        .split(", ")
        .filter(Boolean)
        .map((entry) => `${own.name}/${entry}`),
    ];
  });
}
