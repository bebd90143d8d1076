import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "cli-terminal",
    testTimeout: 60_000,
    maxWorkers: 4,
    maxConcurrency: 3,
    include: ["terminal/**/*.test.ts"],
  },
});
