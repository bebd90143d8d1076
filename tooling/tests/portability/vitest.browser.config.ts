import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumFlags, findChromium } from "./src/chromium.ts";

// The global set-up reports where there is none: other tools read this file too, and do not run tests.
const executablePath = findChromium();

export default defineConfig({
  // Named, or Vite finds them while the tests run, and reloads the page.
  optimizeDeps: { include: ["@carrel/core > ky", "rxjs"] },
  test: {
    name: "portability in Chromium",
    include: ["test/**/*.test.ts"],
    globalSetup: ["src/require-chromium.ts", "src/global-setup.ts"],
    testTimeout: 30_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { ...(executablePath && { executablePath }), args: [...chromiumFlags] } }),
      instances: [{ browser: "chromium" }],
    },
  },
});
