// What a context says besides the server and the login: a proxy, a directory, a rate, a level of verification.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { startConnectProxy } from "@carrel/test-kit";
import { filesIn, test } from "./support/fixture.ts";
import type { Simulated } from "./support/fixture.ts";
import { runCli } from "./support/run-cli.ts";

const host = "vc.example.test";
const libraries = [
  {
    name: "Images",
    items: [
      { name: "debian", files: [{ name: "a.iso", sizeBytes: 3_000 }] },
      { name: "ubuntu", files: [{ name: "b.iso", sizeBytes: 3_000 }] },
    ],
  },
];
const unset = { VSPHERE_SERVER: "", VSPHERE_USER: "", VSPHERE_THUMBPRINT: "" };
const nothingListens = "http://127.0.0.1:9";

async function writeLab(home: string, { env }: Simulated, values: object): Promise<void> {
  const server = env["VSPHERE_SERVER"];
  const lab = { server, user: env["VSPHERE_USER"], thumbprint: env["VSPHERE_THUMBPRINT"], ...values };
  await mkdir(join(home, ".config", "carrel"), { recursive: true });
  const config = { defaultContext: "lab", contexts: { lab } };
  await writeFile(join(home, ".config", "carrel", "config.json"), JSON.stringify(config));
}

describe("context add", () => {
  test("saves values for transfers, and context show shows them", async ({ folder }) => {
    const home = { HOME: folder };
    const values = ["--proxy", "proxy:3128", "--directory", "/srv/images", "--limit-rate", "50M"];
    const added = await runCli(
      ["context", "add", "lab", "--server", "vc", ...values, "--require-verified=checksum"],
      home,
    );
    expect(added).toMatchObject({ exitCode: 0, stderr: "" });
    const lab = {
      server: "vc",
      proxy: "proxy:3128",
      directory: "/srv/images",
      limitRate: "50M",
      requireVerified: "checksum",
    };
    const config: unknown = JSON.parse(await readFile(join(folder, ".config", "carrel", "config.json"), "utf8"));
    expect(config).toEqual({ defaultContext: "lab", contexts: { lab } });
    const { stdout } = await runCli(["context", "show"], home);
    for (const [name, value] of Object.entries(lab)) expect(stdout).toContain(`${name}: ${value}\n`);
    expect(JSON.parse((await runCli(["context", "show", "--json"], home)).stdout)).toMatchObject(lab);
  });

  test.for([
    ["--proxy", "http://me:hunter2@proxy:3128", /^carrel: --proxy: .* contains a user name or a password\n/u],
    ["--proxy", "socks5://proxy", /^carrel: --proxy: .*SOCKS/u],
    ["--limit-rate", "fast", /^carrel: --limit-rate: invalid value "fast"/u],
    ["--require-verified=hunter", "", /^carrel: Option '--require-verified/u],
  ] as const)("refuses %s %s", async ([flag, value, message], { folder }) => {
    const { exitCode, stderr } = await runCli(
      ["context", "add", "lab", "--server", "vc", flag, ...(value === "" ? [] : [value])],
      {
        HOME: folder,
      },
    );
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(stderr).not.toContain("hunter2");
  });
});

describe("a context has", () => {
  test("a directory, in which get makes one for each item; -o takes precedence", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries });
    await writeLab(folder, simulated, { directory: "../../images" });
    const home = { ...unset, HOME: folder };
    expect(await simulated.run(["get", "Images/debian"], home)).toMatchObject({ exitCode: 0 });
    expect(await simulated.run(["get", "Images/*", "--existing", "skip"], home)).toMatchObject({ exitCode: 0 });
    expect(await filesIn(join(folder, "images"))).toEqual(["debian/a.iso", "ubuntu/b.iso"]);
    expect(await simulated.run(["get", "Images/debian", "-o", join(folder, "here")], home)).toMatchObject({
      exitCode: 0,
    });
    expect(await filesIn(join(folder, "here"))).toEqual(["a.iso"]);
  });

  test("a rate and a level of verification; a flag takes precedence, and a wrong one is refused", async ({
    simulate,
    folder,
  }) => {
    const simulated = await simulate({ libraries, report: { checksum: "never" } });
    const home = { ...unset, HOME: folder };
    const get = (...flags: readonly string[]): ReturnType<Simulated["run"]> =>
      simulated.run(["get", "Images/debian", "-o", join(folder, "out"), ...flags], home);
    const mirror = (): ReturnType<Simulated["run"]> =>
      simulated.run(["mirror", "Images", join(folder, "mirror")], home);
    // No manifest verifies an ISO.
    await writeLab(folder, simulated, { requireVerified: "manifest", limitRate: "1G" });
    for (const refused of [await get(), await mirror()]) expect(refused).toMatchObject({ exitCode: 5 });
    expect(await get("--require-verified=length")).toMatchObject({ exitCode: 0 });
    for (const values of [{ requireVerified: "all" }, { limitRate: "fast" }]) {
      await writeLab(folder, simulated, values);
      for (const refused of [await get(), await mirror()]) {
        const [name, value] = Object.entries(values)[0] ?? [];
        const message = `carrel: "${name}" of context "lab": invalid value "${value}"\n`;
        expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining(message)]);
      }
    }
  });

  test("values for its own server only", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries });
    await writeLab(folder, simulated, {
      server: "vc.elsewhere.invalid",
      requireVerified: "manifest",
      proxy: nothingListens,
    });
    const args = ["get", "Images/debian", "-o", join(folder, "out")];
    expect(await simulated.run(args, { HOME: folder })).toMatchObject({ exitCode: 0 });
  });

  test("a proxy, for every command", async ({ simulate, folder }) => {
    const simulated = await simulate({ libraries, hosts: [host] });
    const { simulator, run } = simulated;
    await using proxy = await startConnectProxy({ leadsTo: Number(simulator.url.port) });
    await writeLab(folder, simulated, { server: host, proxy: proxy.url });
    const home = { ...unset, HOME: folder };
    const listed = await run(["ls", "Images", "--debug"], home);
    expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("debian") as string });
    expect(listed.stderr).toContain(`proxy: ${proxy.url}`);
    expect(await run(["get", "Images/debian", "-o", join(folder, "out")], home)).toMatchObject({ exitCode: 0 });
    const examined = await run(["doctor"], home);
    expect(examined.stdout).toContain(`${proxy.url} accepts connections to ${host}:443`);
    expect(examined.exitCode).toBe(0);
    const trusted = await run(["trust", host, "--yes"], home);
    expect(trusted.stdout).toContain(`Seen through the proxy ${proxy.url}`);
    expect(new Set(proxy.targets)).toEqual(new Set([`${host}:443`, `127.0.0.1:${simulator.url.port}`]));
  });

  test("a proxy that a flag precedes; one of the environment precedes it where the context was not chosen", async ({
    simulate,
    folder,
  }) => {
    const simulated = await simulate({ libraries, hosts: [host] });
    const { run, simulator } = simulated;
    await using proxy = await startConnectProxy({ leadsTo: Number(simulator.url.port) });
    const home = { ...unset, HOME: folder };
    await writeLab(folder, simulated, { server: host, proxy: nothingListens });
    expect(await run(["ls"], home)).toMatchObject({ exitCode: 1 });
    expect(await run(["ls", "--proxy", proxy.url], home)).toMatchObject({ exitCode: 0 });
    expect(await run(["ls"], { ...home, HTTPS_PROXY: proxy.url })).toMatchObject({ exitCode: 0 });
    expect(await run(["--context", "lab", "ls"], { ...home, HTTPS_PROXY: proxy.url })).toMatchObject({ exitCode: 1 });
    await writeLab(folder, simulated, { proxy: "none" });
    expect(await run(["--context", "lab", "ls"], { ...home, HTTPS_PROXY: nothingListens })).toMatchObject({
      exitCode: 0,
    });
  });
});
