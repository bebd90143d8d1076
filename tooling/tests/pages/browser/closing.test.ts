import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromiumFlags, findChromium } from "@carrel/portability/chromium";
import { createRelay } from "@carrel/relay";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { chromium } from "playwright";
import type { Page } from "playwright";
import { build } from "vite";
import type { Rolldown } from "vite";
import { expect, test } from "vitest";

/** The page, without what a development server adds to it: a page with a web socket is not kept for a return. */
async function builtPage(): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const output = (await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("../closing", import.meta.url)),
    build: { write: false },
  })) as Rolldown.RolldownOutput;
  return new Map(output.output.map((file) => [`/${file.fileName}`, file.type === "chunk" ? file.code : file.source]));
}

const patient = { timeout: 10_000, interval: 10 };

function isOpen({ openSessions, openApiSessions }: Simulator): readonly number[] {
  return [openSessions.length, openApiSessions.length];
}

/** Waits until the page holds a session, and returns its id. */
async function sessionOf(page: Page, simulator: Simulator): Promise<string> {
  let id = "";
  await until(async () => {
    id = await page.title();
    return simulator.openSessions.includes(id);
  });
  return id;
}

function answered(simulator: Simulator, operation: string): number {
  return simulator.journal.filter((each) => each.operation === operation && each.outcome === "answered").length;
}

test("a page that is left, reloaded or closed ends its session and its login, and one that returns opens a new session", async () => {
  await using simulator = await startSimulator({
    tls: true,
    libraries: [
      { name: "images", items: [{ name: "debian", id: "item-1", files: [{ name: "d.iso", sizeBytes: 300_001 }] }] },
    ],
  });
  const files = await builtPage();
  const thumbprint = simulator.certificate?.sha256 ?? "";
  await using relay = createRelay({ endpoint: simulator.url, path: "/vc/lab", thumbprint, proxy: false });
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/vc/lab/")) return relay.listener(request, response);
    const path = new URL(request.url ?? "/", "http://page").pathname;
    const content = path === "/other.html" ? "<title>other</title>" : files.get(path === "/" ? "/index.html" : path);
    response.setHeader("content-type", path.endsWith(".js") ? "text/javascript" : "text/html");
    response.writeHead(content === undefined ? 404 : 200).end(content);
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const executablePath = findChromium();
  const browser = await chromium.launch({
    args: [...chromiumFlags],
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    ...(executablePath && { executablePath }),
  });
  try {
    const page = await browser.newPage();
    const parameters = new URLSearchParams({ ...simulator.credentials });
    await page.goto(`${origin}/#${parameters.toString()}`);
    const first = await sessionOf(page, simulator);
    expect(isOpen(simulator)).toEqual([1, 1]);

    expect(await page.evaluate(() => window.readVerified("d.iso"))).toBe("300001 checksum");
    expect(simulator.openSessions).toEqual([first]);

    await page.goto(`${origin}/other.html`);
    await expect.poll(() => isOpen(simulator), patient).toEqual([0, 0]);
    expect([answered(simulator, "downloadSession.delete"), answered(simulator, "session.delete")]).toEqual([2, 1]);

    // A page that returns is not loaded again.
    await page.goBack({ waitUntil: "commit" });
    const second = await sessionOf(page, simulator);
    expect(second).not.toBe(first);
    expect(await page.evaluate(() => document.body.className)).toBe("returned");
    expect(isOpen(simulator)).toEqual([1, 1]);

    await page.reload();
    await until(() => answered(simulator, "session.delete") === 2);
    const third = await sessionOf(page, simulator);
    await expect.poll(() => isOpen(simulator), patient).toEqual([1, 1]);
    expect(third).not.toBe(second);

    await page.close({ runBeforeUnload: true });
    await expect.poll(() => isOpen(simulator), patient).toEqual([0, 0]);
    expect([answered(simulator, "downloadSession.delete"), answered(simulator, "session.delete")]).toEqual([4, 3]);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
});
