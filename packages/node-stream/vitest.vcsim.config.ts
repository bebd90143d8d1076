import { defineConfig } from "vitest/config";

// The tests against vcsim, which need Go: `pnpm run test:vcsim` builds the server and runs them.
export default defineConfig({
  test: {
    name: "node-stream-vcsim",
    // They mostly wait for a server that never states lengths.
    maxWorkers: 4,
    include: ["vcsim-tests/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
