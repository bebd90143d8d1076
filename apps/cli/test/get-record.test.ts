import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";

const images = {
  name: "Images",
  items: [
    { name: "debian-13", type: "iso", files: [{ name: "debian.iso", sizeBytes: 70_000 }] },
    { name: "debian-12", type: "iso", files: [{ name: "debian-12.iso", sizeBytes: 50_000 }] },
  ],
};
const libraries = [images];

describe("the record of a finished get", () => {
  test("spares the same command all bytes and the session, and says since when", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const args = ["get", "Images/debian-13", "-o", folder];
    expect(await run(args)).toMatchObject({ exitCode: 0, stderr: "" });
    const before = simulator.journal.length;
    const again = await run(args);
    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
    expect(again.stdout).toMatch(/^ +\S+ \w+ {2}unchanged since \d+ \w+ \d{4} +debian\.iso$/mu);
    expect(again.stdout).toMatch(/, all unchanged since verified by checksum\.$/mu);
    const after = simulator.journal.slice(before);
    expect(after.filter(({ kind }) => kind === "transfer")).toEqual([]);
    expect(after.filter(({ operation }) => operation?.startsWith("downloadSession."))).toEqual([]);
  });

  test("names the item and its library", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    await run(["get", "Images/debian-13", "-o", folder]);
    const record = JSON.parse(await readFile(join(folder, ".carrel.json"), "utf8")) as object;
    const { id, libraryId } = simulator.inventory.item("Images/debian-13");
    expect(record).toMatchObject({
      format: 1,
      items: [{ server: simulator.url.origin, id, name: "debian-13", library: { id: libraryId, name: "Images" } }],
    });
  });

  test("lies in each item's directory, or serves several items in one", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const apart = ["get", "Images/*", "-o", join(folder, "apart")];
    const together = ["debian-13", "debian-12"].map((name) => [
      "get",
      `Images/${name}/*.iso`,
      "-o",
      join(folder, "one"),
    ]);
    for (const args of [apart, ...together]) expect(await run(args)).toMatchObject({ exitCode: 0, stderr: "" });
    for (const args of [apart, ...together]) {
      const { stdout } = await run([...args, "--json"]);
      expect(stdout).toContain('"receivedBytes":0');
      expect(stdout).toContain('"unchangedSince":"');
      expect(stdout).toContain('"recordedBy":"checksum"');
    }
  });

  test("is in the dry run what it will be", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const args = ["get", "Images/debian-13", "-o", folder];
    await run(args);
    const { stdout } = await run([...args, "--dry-run"]);
    expect(stdout).toMatch(/debian\.iso {2}\(unchanged since \d+ \w+ \d{4}: not downloaded again\)$/mu);
    const { stdout: json } = await run([...args, "--dry-run", "--json"]);
    expect(JSON.parse(json)).toMatchObject({ type: "planned", unchangedSince: expect.any(String) as string });
  });

  test("is not left and not used with --no-record", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const args = ["get", "Images/debian-13", "-o", folder, "--no-record", "--json"];
    await run(args);
    await expect(readFile(join(folder, ".carrel.json"))).rejects.toMatchObject({ code: "ENOENT" });
    expect((await run(args)).stdout).toContain('"receivedBytes":70000');
    expect(await filesIn(folder)).toEqual(["debian.iso"]);
  });
});

test("--existing skip leaves alone what exists, and says that it is unverified", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  await writeFile(join(folder, "debian.iso"), "something else");
  const args = ["get", "Images/debian-13", "-o", folder, "--existing", "skip"];
  expect((await run([...args, "--dry-run"])).stdout).toContain("size differs): left alone, not verified)");
  const { exitCode, stdout } = await run(args);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^ +14 B {2}UNVERIFIED +exists {2}debian\.iso\n1 file existed: left alone, UNVERIFIED\.$/mu);
  expect(stdout).not.toMatch(/verified by|all verified/u);
  expect(await readFile(join(folder, "debian.iso"), "utf8")).toBe("something else");
  expect(await run([...args, "--require-verified"])).toMatchObject({ exitCode: 2 });
});
