// A fleet with the embedded database and a real worker, which answers the commands beside it.
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { test } from "./support/fixture.ts";
import { eventsOf, expectMirrored, imageOf } from "./support/mirrored.ts";
import { runCli } from "./support/run-cli.ts";
import type { CliRun } from "./support/run-cli.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "ubuntu.iso")] }];

test(
  "carrel fleet applies a document, and its worker does what it says, shows it, and stops in order",
  { timeout: 120_000 },
  async ({ simulate, folder }) => {
    const { simulator, env: settings, start } = await simulate({ libraries });
    const env = { ...settings, HOME: folder };
    const path = join(folder, "fleet.yaml");
    const server = JSON.stringify(simulator.url.origin);
    const document = (transfers: number, more = ""): string => `
vcenters: { lab: { server: ${server}, transfers: ${transfers} } }
targets: { disk: { path: ${JSON.stringify(folder)} } }
mirrors: { images: { vcenter: lab, library: Images, target: disk, prefix: images${more} } }
`;
    const carrel = (...args: readonly string[]): Promise<CliRun> => runCli(["fleet", ...args], env);
    await writeFile(path, document(2));
    const applied = await carrel("apply", path, "--yes");
    expect(applied).toMatchObject({
      exitCode: 0,
      stdout: [
        `+ vCenter lab: server ${server}, transfers 2`,
        `+ target disk: path ${JSON.stringify(folder)}`,
        '+ mirror images: vcenter "lab", library "Images", target "disk", prefix "images"',
        "Applied: 3 changes.",
        "",
      ].join("\n"),
      stderr: expect.stringContaining("carrel fleet run"),
    });

    const { child, ended } = start(["fleet", "run", "--json", "--name", "one", "--metrics", "127.0.0.1:0"], env);
    const lines = createInterface({ input: child.stdout });
    const ready = new Promise<void>((resolve) => {
      lines.on("line", (line) => (line.includes('"ready"') ? resolve() : undefined));
    });
    await Promise.race([ready, once(child, "exit")]);
    expect(await carrel("sync", "images")).toMatchObject({ exitCode: 0, stdout: "requested: images\n" });
    const inPlace = / {2}images {2}in place, compared \d+ s ago, no schedule\n/u;
    await expect.poll(async () => (await carrel("status")).stdout, { timeout: 60_000 }).toMatch(inPlace);
    await expectMirrored(join(folder, "images"), simulator);
    expect((await carrel("history", "images/debian")).stdout).toMatch(/ completed +images\/debian /u);
    expect(await carrel("history", "images/none")).toMatchObject({ exitCode: 4 });
    expect(await carrel("retry", "other")).toMatchObject({ exitCode: 4 });
    // A second worker on this database is refused at once, and says what to do.
    expect(await carrel("run")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("CARREL_FLEET_DATABASE"),
    });

    await writeFile(path, document(3, ', cron: "0 3 * * *", timezone: Asia/Tokyo'));
    const dry = await carrel("apply", path, "--dry-run", "--json");
    expect([dry.exitCode, eventsOf(dry.stdout).at(-1)]).toEqual([1, { type: "summary", changes: 2, applied: false }]);
    expect(await carrel("apply", path)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Pass --yes") });
    expect((await carrel("apply", path, "--yes")).stdout).toMatch(
      /^~ vCenter lab: transfers 2 → 3\n~ mirror images: cron none → "0 3 \* \* \*", timezone none → "Asia\/Tokyo"\n {4}next: .* 03:00, .* \(Asia\/Tokyo\)\nApplied: 2 changes\.\n$/u,
    );
    expect(await carrel("apply", path, "--yes")).toMatchObject({ exitCode: 0, stdout: "Nothing changes.\n" });
    // Completion knows the mirrors.
    const completed = await start(["__complete", "zsh", "mirror", "im"], env).ended;
    expect(completed.stdout).toBe("images\n");

    child.kill("SIGTERM");
    const worked = await ended;
    expect(worked).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("Stopping") });
    const events = eventsOf(worked.stdout);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["serving", "ready", "planned", "started", "mirrored"]),
    );
    expect(events.at(-1)).toMatchObject({ type: "summary", mirrored: 2, failed: 0 });
  },
);
