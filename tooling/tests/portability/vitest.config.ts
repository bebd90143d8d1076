import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "portability",
    isolate: false,
    include: ["test/**/*.test.ts"],
    globalSetup: "src/global-setup.ts",
    testTimeout: 30_000,
  },
});
