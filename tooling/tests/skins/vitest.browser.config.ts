import { chromiumFlags, findChromium } from "@carrel/portability/chromium";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { libraryCommands } from "./src/commands.ts";

// The global set-up reports where there is none: other tools read this file too, and do not run tests.
const executablePath = findChromium();

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  define: { __VUE_OPTIONS_API__: true, __VUE_PROD_DEVTOOLS__: false, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false },
  // Named, or Vite finds them while the tests run, and reloads the page.
  optimizeDeps: {
    include: [
      "@carrel/core > ky",
      "rxjs",
      "react",
      "react-dom/client",
      "@angular/compiler",
      "@angular/core",
      "@angular/platform-browser",
      "zone.js",
      "vue",
      "svelte",
    ],
  },
  test: {
    name: "skins in Chromium",
    include: ["browser/**/*.test.ts"],
    globalSetup: ["@carrel/portability/require-chromium"],
    testTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      commands: libraryCommands,
      provider: playwright({ launchOptions: { ...(executablePath && { executablePath }), args: [...chromiumFlags] } }),
      instances: [{ browser: "chromium" }],
    },
  },
});
