import { once } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StrictSubscriber } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { eventsOf, imageOf } from "./support/mirrored.ts";
import { runCli, startCli } from "./support/run-cli.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

async function namesIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => !name.startsWith(".")).toSorted();
}

describe("carrel mirror --publish", () => {
  test("serves two subscribers what the vCenter has, before and after it changes", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const root = join(folder, "images");
    expect(await run(["mirror", "Images", root, "--publish", "--dry-run"])).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(
        /^publish {6}version 1 {2}debian {2}\(added\)\npublish .*\n2 to do, 0 unchanged, would be published as version 1 \(2 added\)\. Nothing/mu,
      ) as string,
    });
    const first = await run(["mirror", "Images", root, "--publish", "--publish-name", "Lab"]);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain(", published as version 1 (2 added); ");

    const home = { HOME: folder, XDG_STATE_HOME: "" };
    const { child, ended } = startCli(["serve", root, "--port", "0", "--http", "--json"], home);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { url, library } = JSON.parse(line.toString()) as { url: string; library: string };
    expect(library).toBe("Lab");
    const read = async (href: string): Promise<Uint8Array | undefined> => {
      const response = await fetch(new URL(href, url));
      const bytes = new Uint8Array(await response.arrayBuffer());
      return response.ok ? bytes : undefined;
    };
    const subscriber = new StrictSubscriber(read);
    await subscriber.sync();

    simulator.inventory.item("Images/ubuntu").putFile({ name: "b.vmdk", sizeBytes: 50_000, seed: "new" });
    const version = simulator.inventory.item("Images/ubuntu").contentVersion;
    simulator.inventory.library("Images").addItem(imageOf("alpine", "alpine.iso"));
    const planned = eventsOf((await run(["mirror", "Images", root, "--json", "--dry-run"])).stdout);
    expect(planned.filter(({ type }) => type === "published")).toMatchObject([
      { dryRun: true, change: "added", name: "alpine", version: 1, directory: "alpine", library: "Images" },
      { dryRun: true, change: "changed", name: "ubuntu", version: 2, directory: `ubuntu~v${version}` },
    ]);
    const second = await run(["mirror", "Images", root, "--json"]);
    const lines = eventsOf(second.stdout);
    expect(lines.filter(({ type }) => type === "published")).toMatchObject([
      { change: "added", name: "alpine", version: 1, directory: "alpine", library: "Images" },
      { change: "changed", name: "ubuntu", version: 2, directory: `ubuntu~v${version}` },
    ]);
    expect(lines.find(({ type }) => type === "done")).toMatchObject({
      published: {
        name: "Lab",
        version: 2,
        isChanged: true,
        added: 1,
        changed: 1,
        removed: 0,
        unchanged: 1,
        leftOut: 0,
      },
    });
    for (const each of [subscriber, new StrictSubscriber(read)]) {
      await each.sync();
      expect(each.items.size).toBe(3);
      for (const { id, files } of simulator.inventory.library("Images").items) {
        for (const file of files) {
          const bytes = Buffer.from(each.items.get(`urn:uuid:${id}`)?.files.get(file.name) ?? []);
          expect(bytes.equals(await file.bytes())).toBe(true);
        }
      }
    }
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ exitCode: 0 });

    // What is of earlier versions is as verified as the rest, and differs from nothing.
    expect(await run(["verify", root])).toMatchObject({ exitCode: 0 });
    expect(await run(["diff", "Images", root])).toMatchObject({ exitCode: 0 });
    const third = await run(["mirror", "Images", root, "--delete"]);
    expect(third.stdout).toContain("still published as version 2");
    expect(await namesIn(root)).toEqual(["alpine", "debian", "items.json", "lib.json", "ubuntu", `ubuntu~v${version}`]);
    const last = await run(["mirror", "Images", root, "--no-publish"]);
    expect(last.stdout).not.toContain("published");
    expect(await namesIn(root)).toEqual(["alpine", "debian", "ubuntu"]);
  });

  test("refuses flags without it, a library that cannot be read, and carrel publish of such a mirror", async ({
    simulate,
    folder,
  }) => {
    const { run } = await simulate({ libraries });
    expect((await run(["mirror", "Images", folder, "--publish-name", "a"])).stderr).toContain("without --publish");
    expect((await run(["mirror", "Images", folder, "--iso-items"])).stderr).toContain("--iso-items has no effect");
    expect((await run(["mirror", "Images", folder, "--delete-after", "1d"])).stderr).toContain("--delete or --publish");
    const unpublished = join(folder, "unpublished");
    await run(["mirror", "Images", unpublished]);
    const before = await readdir(unpublished);
    expect(await runCli(["publish", unpublished])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`${unpublished} is a mirror of library "Images"\n`) as string,
    });
    expect(await readdir(unpublished)).toEqual(before);
    const inside = await run(["mirror", "Images", join(unpublished, "debian")]);
    expect(inside.stderr).toContain(`it is inside "${unpublished}", which is a mirror of library "Images"`);
    await rm(unpublished, { recursive: true });
    await writeFile(join(folder, "lib.json"), "{");
    const refused = await run(["mirror", "Images", folder, "--publish"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('Cannot read "lib.json": it is not a JSON object\n  Nothing was written.');
    expect(await namesIn(folder)).toEqual(["lib.json"]);
    expect(await readFile(join(folder, "lib.json"), "utf8")).toBe("{");
    await run(["mirror", "Images", join(folder, "images"), "--publish"]);
    expect((await runCli(["publish", join(folder, "images")])).stderr).toContain(
      'is a mirror of library "Images" that is published already',
    );
  });

  test("warns of items that cannot be published", async ({ simulate, folder }) => {
    const items = [imageOf("debian", "debian.iso"), imageOf("notes", "item.json")];
    const { run } = await simulate({ libraries: [{ name: "Images", items }] });
    const { exitCode, stderr, stdout } = await run(["mirror", "Images", folder, "--publish"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('Warning: "notes" is not published: it has a hidden file, or one named item.json\n');
    expect(stdout).toContain("published as version 1 (1 added)");
  });
});
