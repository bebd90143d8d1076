import { posix } from "node:path";
import type { Finding } from "./finding.ts";
import { importsOf } from "./imports-of.ts";
import type { WorkspacePackage } from "./workspace.ts";

/**
 * Finds imports that bypass the entries of a package: a relative path that leaves the own package, and a path that the
 * `exports` map of another package does not contain. Which packages may import which is decided by the import table.
 */
export function checkImports(
  file: string,
  text: string,
  own: WorkspacePackage,
  packages: readonly WorkspacePackage[],
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { specifier, line } of importsOf(text)) {
    if (specifier.startsWith(".")) {
      const target = posix.join(posix.dirname(file), specifier);
      if (target.startsWith(`${own.folder}/`) || target === own.folder) continue;
      findings.push({
        file,
        line,
        rule: "own-package",
        message: `"${specifier}" leaves ${own.folder}.`,
        fix: "import the other package by its name, and list it in package.json.",
      });
      continue;
    }
    const other = packages.find(({ name }) => specifier.startsWith(`${name}/`));
    const entry = other && `.${specifier.slice(other.name.length)}`;
    if (other?.entries === undefined || entry === undefined || other.entries.includes(entry)) continue;
    findings.push({
      file,
      line,
      rule: "exports-map",
      message: `"${specifier}" is not in the exports map of ${other.name}.`,
      fix: `import ${other.entries.filter((key) => key !== "./package.json").join(" or ")} of it, or export what you need there.`,
    });
  }
  return findings;
}
