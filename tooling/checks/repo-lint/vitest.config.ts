import { defineProject } from "vitest/config";

export default defineProject({
  test: { name: "repo-lint", isolate: false, include: ["test/**/*.test.ts"], testTimeout: 30_000 },
});
