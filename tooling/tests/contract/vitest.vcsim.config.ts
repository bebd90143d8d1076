import { defineConfig } from "vitest/config";

// The same exchanges against govmomi's simulator, which needs Go: `pnpm run test:vcsim` builds it and then runs this.
export default defineConfig({
  test: {
    name: "contract-vcsim",
    include: ["vcsim-tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
