import { defineProject } from "vitest/config";

export default defineProject({
  test: { name: "cli", isolate: false, testTimeout: 30_000, include: ["test/**/*.test.ts"] },
});
