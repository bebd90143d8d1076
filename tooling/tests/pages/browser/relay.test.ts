import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromiumFlags, findChromium } from "@carrel/portability/chromium";
import { relayPlugin } from "@carrel/relay";
import { startSimulator } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { chromium } from "playwright";
import { createServer } from "vite";
import { expect, test } from "vitest";

const fileName = "disk #1 größer.iso";

test("a page opens a session through the relay, keeps it alive, downloads a file and ends it, and its console stays empty", async () => {
  await using simulator = await startSimulator({
    tls: true,
    transferOrigin: "own",
    lease: { lifeMs: 3_000, activity: ["downloadSession.keepAlive"] },
    libraries: [
      { name: "images", items: [{ name: "debian", id: "item-1", files: [{ name: fileName, sizeBytes: 300_001 }] }] },
    ],
  });
  const thumbprint = simulator.certificate?.sha256 ?? "";
  const server = await createServer({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("../page", import.meta.url)),
    cacheDir: fileURLToPath(new URL("../node_modules/.vite-page", import.meta.url)),
    server: { host: "127.0.0.1", port: 0 },
    plugins: [relayPlugin({ endpoint: simulator.url, path: "/vc/lab", thumbprint, proxy: false })],
  });
  await server.listen();
  const executablePath = findChromium();
  const browser = await chromium.launch({ args: [...chromiumFlags], ...(executablePath && { executablePath }) });
  try {
    const page = await browser.newPage();
    const shown: string[] = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && shown.push(message.text()));
    page.on("pageerror", (error) => shown.push(String(error)));
    const answers: Promise<string>[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/vc/lab/api/")) answers.push(response.text().catch(() => ""));
    });
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    const { username, password } = simulator.credentials;
    const uri = await page.evaluate(
      async ([user = "", secret = "", file = ""]) => window.openFile(user, secret, "item-1", file),
      [username, password, fileName],
    );
    expect(uri.startsWith(`${new URL(page.url()).origin}/vc/lab/transfer/`)).toBe(true);
    const renewed = (): number =>
      simulator.journal.filter((each) => each.operation === "downloadSession.keepAlive").length;
    await until(() => renewed() >= 2);
    expect(simulator.openSessions).toHaveLength(1);

    const wanted = await simulator.inventory.item("images/debian").file(fileName).bytes();
    expect(Buffer.from(await page.evaluate(() => window.readFile())).equals(wanted)).toBe(true);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#file")]);
    expect(download.suggestedFilename()).toBe(fileName);
    expect((await readFile(await download.path())).equals(wanted)).toBe(true);

    expect(await page.evaluate(() => document.cookie)).toBe("");
    const [cookie] = await page.context().cookies(`${new URL(page.url()).origin}/vc/lab/api`);
    expect(cookie).toMatchObject({ name: "carrel-relay", httpOnly: true, sameSite: "Strict", path: "/vc/lab" });
    expect((await Promise.all(answers)).join("\n")).not.toMatch(/\/cls\/|ssl_certificate/u);
    await page.evaluate(() => window.leaveFile());
    expect(simulator.openSessions).toEqual([]);
    expect(simulator.openApiSessions).toEqual([]);
    expect(shown).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});
