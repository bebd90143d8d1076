import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { chromiumFlags, findChromium } from "@carrel/portability/chromium";
import { until } from "@carrel/test-kit";
import { chromium } from "playwright";
import { expect, test } from "vitest";
import { exampleDirectory, startExample } from "../src/start-example.ts";

test.each(["angular", "react", "svelte", "vue"])(
  "the example %s lists files, shows the expiry, downloads a file and leaves no session",
  async (name) => {
    await using example = await startExample(name);
    const { simulator, url } = example;
    const executablePath = findChromium();
    const browser = await chromium.launch({ args: [...chromiumFlags], ...(executablePath && { executablePath }) });
    try {
      const page = await browser.newPage({ viewport: { width: 800, height: 480 } });
      const shown: string[] = [];
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && shown.push(message.text()));
      page.on("pageerror", (error) => shown.push(String(error)));
      await page.goto(url);
      await page.getByRole("button", { name: "ubuntu-26.04" }).click();
      await page.getByText("ubuntu-disk1.vmdk").waitFor();
      const expiry = page.locator("time");
      const first = await expiry.textContent();
      await until(async () => (await expiry.textContent()) !== first);
      expect(await expiry.textContent()).toMatch(/^[01]:\d\d$/u);

      const row = page.getByRole("row", { name: "ubuntu.ovf" });
      await row.getByRole("button", { name: "Prepare" }).click();
      const button = row.getByRole("button", { name: "Download" });
      await button.waitFor();
      const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
      await row.getByText("Verified by checksum").waitFor();
      expect(download.suggestedFilename()).toBe("ubuntu.ovf");
      const wanted = await simulator.inventory.item("images/ubuntu-26.04").file("ubuntu.ovf").bytes();
      expect((await readFile(await download.path())).equals(wanted)).toBe(true);

      await page.getByRole("row", { name: "ubuntu-disk1" }).getByRole("button").click();
      await page.getByRole("button", { name: "Download" }).waitFor();
      const path = process.env["CARREL_SCREENSHOTS"] && join(exampleDirectory(name), "screenshot.png");
      if (path) await page.screenshot({ path });
      await page.getByRole("button", { name: "ubuntu-26.04" }).click();
      await until(() => simulator.openSessions.length === 0);
      await page.getByRole("button", { name: "rescue" }).click();
      await expiry.waitFor();
      await page.goto("about:blank");
      await until(() => simulator.openSessions.length === 0);
      expect(shown).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
