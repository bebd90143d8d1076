import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/cli", "apps/examples/node-pipelines", "tooling/{build,checks,tests}/*"],
  },
});
