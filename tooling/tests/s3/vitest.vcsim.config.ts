import { defineConfig } from "vitest/config";

// The tests that need Go. src/main.ts builds versitygw and then runs them; `pnpm run test` leaves them alone.
export default defineConfig({
  test: {
    name: "s3",
    maxWorkers: 2,
    include: ["s3-tests/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
