// The commands of the pages for people who come from other tools, as the pages have them.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { LibrarySeed } from "@carrel/simulator";
import { describe, expect, onTestFinished } from "vitest";
import { password, test } from "./support/fixture.ts";

const libraries: readonly LibrarySeed[] = [
  {
    name: "Images",
    items: [
      {
        name: "ubuntu-26.04",
        type: "ovf",
        files: [
          { name: "disk.vmdk", sizeBytes: 5_000 },
          { name: "notes.txt", sizeBytes: 10 },
        ],
      },
      { name: "debian", type: "iso", files: [{ name: "debian.iso", sizeBytes: 4_000 }] },
    ],
  },
  {
    name: "Branch",
    type: "SUBSCRIBED",
    onDemand: true,
    items: [{ name: "debian", type: "iso", files: [{ name: "debian.iso", sizeBytes: 4_000 }] }],
  },
];

/** The commands of Carrel in the table below a heading: what its last column has in code. */
async function commandsOf(page: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../docs/${page}.md`, import.meta.url), "utf8");
  const table = text.split("\n## Commands\n")[1]?.split("\n## ")[0] ?? "";
  const cells = table.split("\n").map((row) => row.split(/(?<!\\)\|/u).at(-2) ?? "");
  return cells.flatMap((cell) => /`(carrel [^`]+)`/u.exec(cell)?.[1] ?? []);
}

/** The words of a command, which only has quotes that mean the same in every shell. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/gu)].map(([, quoted, plain]) => quoted ?? plain ?? "").slice(1);
}

describe.each([
  ["coming-from-govc", 19],
  ["coming-from-powercli", 14],
] as const)("%s", (page, count) => {
  test("has commands that work", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const commands = await commandsOf(page);
    expect(commands).toHaveLength(count);
    const before = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
    for (const command of commands) {
      const { exitCode, stdout, stderr } = await run(wordsOf(command));
      expect({ command, exitCode, stderr }).toEqual({
        command,
        exitCode: 0,
        stderr: expect.not.stringContaining("carrel:") as string,
      });
      expect({ command, said: (stdout + stderr).length > 0 }).toEqual({ command, said: true });
    }
    const disk = Buffer.from(await simulator.inventory.item("Images/ubuntu-26.04").file("disk.vmdk").bytes());
    expect(await readFile(join(folder, "out", "disk.vmdk"))).toEqual(disk);
    expect(await readFile(join(folder, "mirrored", "ubuntu-26.04", "disk.vmdk"))).toEqual(disk);
  });
});

test("coming-from-powercli shows settings that lead to a list of libraries", async ({ simulate, folder }) => {
  const { env, run } = await simulate({ libraries });
  await mkdir(join(folder, "home"));
  const text = await readFile(new URL("../docs/coming-from-powercli.md", import.meta.url), "utf8");
  const [, block = ""] = /```powershell\n(.*?)```/su.exec(text) ?? [];
  const [server, user] = [...block.matchAll(/^\$env:(\w+) = '[^']+'$/gmu)].map(([, name]) => name);
  expect([server, user]).toEqual(["VSPHERE_SERVER", "VSPHERE_USER"]);
  const commands = [...block.matchAll(/^carrel [^#\n]+/gmu)].map(([command]) => wordsOf(command.trim()));
  expect(commands).toHaveLength(3);
  const home = { HOME: join(folder, "home"), VSPHERE_THUMBPRINT: "" };
  for (const words of commands) {
    const here = words.map((word) => (word === "vc.example.com" ? (env["VSPHERE_SERVER"] ?? "") : word));
    const more = words[0] === "trust" ? ["--yes"] : [];
    const secret = { VSPHERE_PASSWORD: words[0] === "login" ? password : "" };
    expect(await run([...here, ...more], { ...home, ...secret })).toMatchObject({ exitCode: 0 });
  }
  expect(await run(["logout"], { ...home, VSPHERE_PASSWORD: "" })).toMatchObject({ exitCode: 0 });
});
