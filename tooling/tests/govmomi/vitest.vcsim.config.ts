import { defineConfig } from "vitest/config";

// The tests that need Go. src/main.ts builds govc and then runs them; `pnpm run test` leaves them alone.
export default defineConfig({
  test: {
    name: "govc",
    include: ["govc-tests/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
