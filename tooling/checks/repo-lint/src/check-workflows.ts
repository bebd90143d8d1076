import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Finding } from "./finding.ts";

/**
 * Finds actions of workflows that are not pinned by a full commit id: their owner could move a tag to other code. The
 * version follows in a comment, for people and for tools that update it.
 */
export async function checkWorkflows(root: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const file of glob(".github/{workflows,actions}/**/*.{yml,yaml}", { cwd: root })) {
    for (const [index, line] of (await readFile(join(root, file), "utf8")).split("\n").entries()) {
      const [, action] = /^\s*(?:-\s*)?uses:\s*["']?([^\s"'#]+)/.exec(line) ?? [];
      // Actions of this repository belong to the commit.
      if (action === undefined || action.startsWith("./") || /@[\da-f]{40}["']?\s+#\s*v\d+\.\d+\.\d+\s*$/.test(line))
        continue;
      findings.push({
        file,
        line: index + 1,
        rule: "workflow-pins",
        message: `The action ${action} is not pinned by a commit with its version beside it.`,
        fix: "write uses: OWNER/NAME@COMMIT # vX.Y.Z, with all 40 digits.",
      });
    }
  }
  return findings;
}
