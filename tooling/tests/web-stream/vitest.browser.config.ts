import { chromiumFlags, findChromium } from "@carrel/portability/chromium";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { serverCommands } from "./src/commands.ts";

// The global set-up reports where there is none: other tools read this file too, and do not run tests.
const executablePath = findChromium();

export default defineConfig({
  // Named, or Vite finds them while the tests run, and reloads the page.
  optimizeDeps: {
    include: [
      "@carrel/core > ky",
      "rxjs",
      "@carrel/web-stream > @noble/hashes/legacy.js",
      "@carrel/web-stream > @noble/hashes/sha2.js",
      "@carrel/web-stream > @noble/hashes/utils.js",
    ],
  },
  test: {
    name: "web-stream in Chromium",
    include: ["browser/**/*.test.ts"],
    globalSetup: ["@carrel/portability/require-chromium"],
    testTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      commands: serverCommands,
      provider: playwright({ launchOptions: { ...(executablePath && { executablePath }), args: [...chromiumFlags] } }),
      instances: [{ browser: "chromium" }],
    },
  },
});
