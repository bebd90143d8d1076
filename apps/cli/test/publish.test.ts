import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { StrictSubscriber, until } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { runCli, startCli } from "./support/run-cli.ts";
import type { StartedCli } from "./support/run-cli.ts";

async function put(directory: string, path: string, text: string): Promise<void> {
  await mkdir(join(directory, path, ".."), { recursive: true });
  await writeFile(join(directory, path), text);
}

describe("carrel publish", () => {
  test("publishes a directory, and says what changed; then it says that nothing did", async ({ folder }) => {
    await put(folder, "debian/debian.iso", "iso");
    await put(folder, "photon/photon.ovf", "<Envelope/>");
    await put(folder, "readme.txt", "x");
    expect(await runCli(["publish", folder, "--name", "Images"])).toEqual({
      exitCode: 0,
      stdout: `added    version 1    debian\nadded    version 1    photon\n"Images": 2 items, 2 added, now version 1\n`,
      stderr: "Warning: readme.txt is not published: it is not in the directory of an item\n",
    });
    expect(await runCli(["publish", folder])).toMatchObject({ stdout: '"Images": 2 items, unchanged, version 1\n' });
    await rm(join(folder, "photon"), { recursive: true });
    await put(folder, "debian/debian.iso", "other");
    const plan = await runCli(["publish", folder, "--dry-run"]);
    expect(plan.stdout).toBe(
      "changed  version 2    debian\nremoved               photon\n" +
        '"Images": 1 item, 1 changed, 1 removed, would be version 2\n',
    );
    expect(await readFile(join(folder, "lib.json"), "utf8")).toContain('"version": "1"');
    const { stdout } = await runCli(["publish", folder, "--json"]);
    const lines = stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { type: "published", change: "changed", name: "debian", version: 2, directory: "debian" },
      { type: "published", change: "removed", name: "photon" },
      { type: "summary", library: "Images", version: 2, isChanged: true, changed: 1, removed: 1, added: 0 },
    ]);
  });

  test("names a new library after its directory", async ({ folder }) => {
    await put(folder, "Lab 1/a/a.iso", "iso");
    expect((await runCli(["publish", join(folder, "Lab 1")])).stdout).toContain(
      '"Lab 1": 1 item, 1 added, now version 1',
    );
  });

  test("refuses to publish that all items are gone, as where a disk is not mounted", async ({ folder }) => {
    await put(folder, "a/a.iso", "iso");
    await runCli(["publish", folder, "--name", "Images"]);
    await rm(join(folder, "a"), { recursive: true });
    const before = await readFile(join(folder, "lib.json"), "utf8");
    const refused = await runCli(["publish", folder]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`No item found in ${folder}, where 1 item of "Images" were published\n`);
    expect(await readFile(join(folder, "lib.json"), "utf8")).toBe(before);
    expect(await runCli(["publish", folder, "--allow-empty"])).toMatchObject({ exitCode: 0 });
  });

  test("refuses what is not a directory, and what another program left unreadable", async ({ folder }) => {
    expect(await runCli(["publish", join(folder, "nothing")])).toMatchObject({ exitCode: 2 });
    expect((await runCli(["publish", folder])).stderr).toContain("No item found in");
    await put(folder, "a/a.iso", "iso");
    await writeFile(join(folder, "lib.json"), "{");
    const { exitCode, stderr } = await runCli(["publish", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('carrel: Cannot read "lib.json": it is not a JSON object\n  Nothing was written.');
    expect((await readdir(folder)).toSorted()).toEqual(["a", "lib.json"]);
  });
});

/** A server that runs, and what it printed. */
interface Serving extends AsyncDisposable {
  readonly url: URL;
  readonly sha256: string | undefined;
  readonly needsPassword: boolean;
  lines(): readonly { readonly type: string; readonly status?: number; readonly path?: string }[];
}

async function serve(started: StartedCli): Promise<Serving> {
  const { child, ended } = started;
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  while (!stdout.includes("\n")) await once(child.stdout, "data");
  const { url, ...rest } = JSON.parse(stdout.split("\n")[0] ?? "") as {
    url: string;
    sha256: string;
    needsPassword: boolean;
  };
  return {
    ...rest,
    url: new URL(url),
    lines: () =>
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { readonly type: string }),
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      expect(await ended).toMatchObject({ exitCode: 0, stderr: "Stopping.\n" });
    },
  };
}

async function get(url: URL, path: string, authorization?: string): Promise<IncomingMessage> {
  const headers = authorization === undefined ? {} : { authorization };
  const options = { host: url.hostname, port: url.port, path, headers, rejectUnauthorized: false, agent: false };
  const [response] = (await once(httpsRequest(options).end(), "response")) as [IncomingMessage];
  return response;
}

describe("carrel serve", () => {
  test("serves a published directory over TLS to a subscriber with the password, and logs each request", async ({
    folder,
  }) => {
    const library = join(folder, "library");
    await put(library, "debian/debian.iso", "iso");
    await runCli(["publish", library, "--name", "Images"]);
    const secret = join(folder, "secret");
    await writeFile(secret, "s3cret\n", { mode: 0o600 });
    const args = ["serve", library, "--port", "0", "--password-file", secret, "--access-log", "--json"];
    const home = { HOME: folder, XDG_STATE_HOME: "" };
    let pin: string | undefined;
    for (let count = 0; count < 2; count++) {
      await using serving = await serve(startCli(args, home));
      expect(serving).toMatchObject({ needsPassword: true });
      // Subscribers pin it.
      pin ??= serving.sha256;
      expect(serving.sha256).toBe(pin);
      expect((await get(serving.url, "/lib.json")).statusCode).toBe(401);
      const subscriber = new StrictSubscriber(async (href) => {
        const response = await get(serving.url, `/${href}`, `Basic ${btoa("vcsp:s3cret")}`);
        return response.statusCode === 200 ? buffer(response) : undefined;
      });
      expect(await subscriber.sync()).toBe(true);
      expect([...subscriber.items.values()].map(({ name }) => name)).toEqual(["debian"]);
      await until(() => serving.lines().length >= 5);
      expect(serving.lines().slice(0, 3)).toMatchObject([
        { type: "serving", library: "Images" },
        { type: "request", method: "GET", path: "/lib.json", status: 401 },
        { type: "request", method: "GET", path: "/lib.json", status: 200 },
      ]);
      expect(JSON.stringify(serving.lines())).not.toContain("s3cret");
    }
  });

  test("says what to enter at the vCenter", async ({ folder }) => {
    await put(folder, "a/a.iso", "iso");
    await runCli(["publish", folder, "--name", "Images"]);
    const { child, ended } = startCli(["serve", folder, "--port", "0"], { HOME: folder, XDG_STATE_HOME: "" });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    while (!stdout.includes("Ctrl-C")) await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect((await ended).exitCode).toBe(0);
    expect(stdout).toMatch(
      /^Serving "Images"\. To subscribe to it, enter in the vSphere Client:\n {2}Subscription URL {2}https:\/\/127\.0\.0\.1:\d+\/lib\.json\n {2}Authentication {4}none\n {2}SSL thumbprint {4}[\dA-F:]{59}\n/u,
    );
  });

  test.for([
    [["--port", "70000"], 2, '--port: invalid value "70000"'],
    [["--cert", "x.pem"], 2, "--cert and --key are needed together"],
    [["--http", "--cert", "x.pem", "--key", "x.pem"], 2, "--http and --cert contradict each other"],
    [["--cert", "/nothing.pem", "--key", "/nothing.pem"], 2, "--cert: cannot read /nothing.pem: it does not exist"],
    [["--password-file", "/nothing"], 2, "Cannot read the password file /nothing"],
    [
      ["--http", "--port", "0", "--host", "192.0.2.1"],
      2,
      "Cannot listen on 192.0.2.1, port 0: this machine does not have it",
    ],
    [
      ["--http", "--port", "0"],
      1,
      "is not a published library: it has no lib.json\n  Publish it first: carrel publish DIR",
    ],
  ] as const)("refuses %j", async ([flags, exitCode, text], { folder }) => {
    const directory = join(folder, "library");
    await put(directory, "a/a.iso", "iso");
    if (flags.includes("--host" as never)) await runCli(["publish", directory]);
    const run = await runCli(["serve", directory, ...flags], { HOME: folder, XDG_STATE_HOME: "" });
    expect([run.exitCode, run.stderr]).toEqual([exitCode, expect.stringContaining(text)]);
  });
});
