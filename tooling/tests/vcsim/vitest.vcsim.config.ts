import { defineConfig } from "vitest/config";

// The tests that need Go. src/main.ts builds the server and then runs them; `pnpm run test` leaves them alone.
export default defineConfig({
  test: {
    name: "vcsim-cli",
    // They mostly wait for a server that never states lengths.
    maxWorkers: 4,
    include: ["vcsim-tests/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
