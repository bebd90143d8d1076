// Usage: node tooling/checks/repo-lint/src/main.ts
import { fileURLToPath } from "node:url";
import { formatFinding } from "./finding.ts";
import { lint } from "./lint.ts";

const { findings, lengths } = await lint(fileURLToPath(new URL("../../../../", import.meta.url)));
for (const finding of findings) console.error(formatFinding(finding));
if (lengths) {
  const { files, median, longest } = lengths;
  console.log(`${files} source files: median ${median} lines, longest ${longest.lines} (${longest.file}).`);
}
if (findings.length > 0) process.exitCode = 1;
