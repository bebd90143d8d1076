import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "consumers, from the packed packages",
    include: ["consumers/**/*.test.ts"],
    globalSetup: "src/global-setup.ts",
    // Most of the time is spent waiting for a registry.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
