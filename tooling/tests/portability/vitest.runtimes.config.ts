import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "portability, runtimes",
    include: ["runtimes/**/*.test.ts"],
    globalSetup: "src/global-setup.ts",
    testTimeout: 30_000,
  },
});
