import { join, resolve } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const libraries = [
  {
    name: "Images",
    items: [{ name: "ubuntu-24", type: "iso", files: [{ name: "ubuntu.iso", sizeBytes: 40_000 }] }],
  },
  { name: "Emp" },
];

describe("an id of another library's item", () => {
  test("is not found, and the library that has it is named", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const { id } = simulator.inventory.item("Images/ubuntu-24");
    const told = [
      `carrel: No item "${id}" in library "Emp"`,
      `  It is in library "Images": write "Images/${id}"\n`,
    ].join("\n");
    for (const args of [
      ["get", `Emp/${id}`, "-o", folder],
      ["ls", `Emp/${id}`],
    ]) {
      expect(await run(args)).toEqual({ exitCode: 4, stdout: "", stderr: told });
    }
    expect(await run(["doctor", "--item", `Emp/${id}`])).toMatchObject({ exitCode: 4 });
    expect(simulator.journal.filter(({ operation }) => operation === "downloadSession.create")).toEqual([]);
    expect(await filesIn(folder)).toEqual([]);
    expect(await run(["get", `Images/${id}`, "-o", folder])).toMatchObject({ exitCode: 0 });
  });

  test("is described by the library's id where its name cannot be read", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const { id } = simulator.inventory.item("Images/ubuntu-24");
    const library = simulator.inventory.library("Images");
    simulator.faults.add({ on: "library.get", kind: "status", status: 403, times: "always" });
    const { exitCode, stderr } = await run(["ls", `Emp/${id}`]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`It is in library "${library.id}"`);
  });
});

test("a name in another case leads to the directory of the server's spelling", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const out = join(folder, "out");
  const { exitCode, stdout } = await run(["get", "IMAGES/UBUNTU-24", "Images/ubuntu-24", "-o", out, "--json"]);
  expect(exitCode).toBe(0);
  expect(eventsOf(stdout).slice(-2)).toMatchObject([
    { type: "done", item: "ubuntu-24" },
    { type: "summary", whole: 1, complete: true },
  ]);
  expect(await filesIn(folder)).toEqual([join("out", "ubuntu.iso")]);
  const plan = await run(["get", "IMAGES/UBUNTU-24", "--dry-run", "--json"]);
  expect(eventsOf(plan.stdout)).toMatchObject([{ item: "ubuntu-24", path: resolve("ubuntu-24", "ubuntu.iso") }]);

  const before = simulator.journal.length;
  expect(await run(["ls", "IMAGES/UBUNTU-24"])).toMatchObject({ exitCode: 0 });
  const asked = simulator.journal.slice(before).map(({ operation }) => operation);
  expect(asked.filter((operation) => operation?.startsWith("item"))).toEqual(["item.find", "item.file.list"]);
});
