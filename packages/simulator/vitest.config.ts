import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "simulator",
    testTimeout: 30_000,
    include: ["test/**/*.test.ts"],
  },
});
