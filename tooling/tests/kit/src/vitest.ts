import { join } from "node:path";
import process from "node:process";
import { defineProject } from "vitest/config";
import type { UserWorkspaceConfig } from "vitest/config";

// Vitest keeps a token for its user interface in the home directory, whether that is asked for or not.
process.env["XDG_DATA_HOME"] = join(import.meta.dirname, "../../../../node_modules/.cache");

/** The tests of a package. Its test files share a process: most of the time of one was its start. */
export function testsOf(name: string, more: UserWorkspaceConfig["test"] = {}): UserWorkspaceConfig {
  return defineProject({
    test: {
      name,
      isolate: false,
      testTimeout: 30_000,
      include: ["test/**/*.test.ts"],
      setupFiles: [join(import.meta.dirname, "equal-bytes.ts")],
      ...more,
    },
  });
}
