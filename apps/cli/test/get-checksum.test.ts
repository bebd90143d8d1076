import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test as plain } from "vitest";
import { checksumLine } from "../src/get/checksum-file.ts";
import { filesIn, test } from "./support/fixture.ts";

const libraries = [
  {
    name: "Images",
    items: [
      {
        name: "seed",
        files: [
          { name: "a.iso", sizeBytes: 5_000 },
          { name: "b.iso", sizeBytes: 6_000 },
        ],
      },
    ],
  },
];
const check = promisify(execFile);

test("digests in a folder that is named with a backslash and a line break are what sha256sum reads", async ({
  simulate,
  folder,
}) => {
  const { run } = await simulate({ libraries });
  const odd = join(folder, "new\nline \\ back");
  const sums = join(folder, "SHA256SUMS");
  expect(await run(["get", "Images/seed", "-o", odd, "--checksum", sums])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await readFile(sums, "utf8")).startsWith("\\")).toBe(true);
  await check("sha256sum", ["--check", "--strict", sums], { cwd: folder });
});

test.for(["a.iso", "A.ISO", "b.iso.part", "a.iso.part.json", "../linked/b.iso"])(
  "--checksum %s, which is downloaded or belongs to what is, is refused before anything happens",
  async (name, { simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const out = join(folder, "out");
    await mkdir(out);
    await symlink(out, join(folder, "linked"));
    const { exitCode, stderr } = await run(["get", "Images/seed", "-o", out, "--checksum", join(out, name)]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--checksum cannot be a file that is downloaded");
    expect(await filesIn(out)).toEqual([]);
    expect(simulator.journal.some(({ operation }) => operation === "downloadSession.create")).toBe(false);
  },
);

test("it may stand among the files, in a folder that is not there yet", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  for (const [out, sums] of [
    [join(folder, "one"), join(folder, "one", "SUMS")],
    [join(folder, "two", "deep"), join(folder, "two", "SUMS")],
  ] as const) {
    expect(await run(["get", "Images/seed", "-o", out, "--checksum", sums])).toMatchObject({ exitCode: 0, stderr: "" });
    await check("sha256sum", ["--check", "--strict", "SUMS"], { cwd: join(sums, "..") });
  }
});

test("a place where it cannot be is told before anything happens", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const out = join(folder, "out");
  const isFolder = await run(["get", "Images/seed", "-o", out, "--checksum", folder]);
  expect(isFolder).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--checksum is a folder") as string });
  const missing = await run(["get", "Images/seed", "-o", out, "--checksum", join(folder, "missing", "SUMS")]);
  expect(missing.exitCode).toBe(2);
  expect(missing.stderr).toMatch(/^carrel: The folder of --checksum is not there: .*missing$/mu);
  expect(missing.stderr).not.toContain("--debug");
  expect(await filesIn(folder)).toEqual([]);
  expect(simulator.journal.some(({ operation }) => operation === "downloadSession.create")).toBe(false);
});

test("nothing is left of it where nothing arrived, and an old one stays", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const sums = join(folder, "SHA256SUMS");
  await writeFile(sums, "old");
  simulator.faults.add({ on: "downloadSession.file.prepare", kind: "prepareError", times: "always" });
  const { exitCode } = await run(["get", "Images/seed", "-o", join(folder, "out"), "--checksum", sums]);
  expect(exitCode).toBe(1);
  expect(await readFile(sums, "utf8")).toBe("old");
  expect(await filesIn(folder)).toEqual(["SHA256SUMS"]);
});

plain("a plain name stands in a line as it is", () => {
  expect(checksumLine("ab", "out/a b.iso")).toBe("ab  out/a b.iso\n");
  expect(checksumLine("ab", "a\\b\nc\rd")).toBe("\\ab  a\\\\b\\nc\\rd\n");
});
