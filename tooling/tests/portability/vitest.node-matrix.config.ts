import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "portability, node-matrix",
    include: ["node-matrix/**/*.test.ts"],
    globalSetup: "src/global-setup.ts",
    testTimeout: 30_000,
  },
});
