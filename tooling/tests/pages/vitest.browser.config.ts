import { defineConfig } from "vitest/config";

// The tests run in Node and drive Chromium, because what they look at is beside the page: downloads, cookies, the console.
export default defineConfig({
  test: {
    name: "pages in Chromium",
    include: ["browser/**/*.test.ts"],
    globalSetup: ["@carrel/portability/require-chromium"],
    testTimeout: 60_000,
    fileParallelism: false,
  },
});
