import { execFile } from "node:child_process";
import { lstat, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, win32 } from "node:path";
import { promisify } from "node:util";
import { expect, test as plain } from "vitest";
import { checksumLine, checksumName } from "../src/commands/get/checksum-file.ts";
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

test("sha256sum reads digests of a directory whose name has a backslash and a line break", async ({
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

test("it may be among the files, in a directory that does not exist yet", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  for (const [out, sums] of [
    [join(folder, "one"), join(folder, "one", "SUMS")],
    [join(folder, "two", "deep"), join(folder, "two", "SUMS")],
  ] as const) {
    expect(await run(["get", "Images/seed", "-o", out, "--checksum", sums])).toMatchObject({ exitCode: 0, stderr: "" });
    await check("sha256sum", ["--check", "--strict", "SUMS"], { cwd: join(sums, "..") });
  }
});

test("a path where it cannot be is refused before anything happens", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const out = join(folder, "out");
  const isFolder = await run(["get", "Images/seed", "-o", out, "--checksum", folder]);
  expect(isFolder).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--checksum is a directory") as string,
  });
  const missing = await run(["get", "Images/seed", "-o", out, "--checksum", join(folder, "missing", "SUMS")]);
  expect(missing.exitCode).toBe(2);
  expect(missing.stderr).toMatch(/^carrel: The directory of --checksum does not exist: .*missing$/mu);
  expect(missing.stderr).not.toContain("--debug");
  expect(await filesIn(folder)).toEqual([]);
  expect(simulator.journal.some(({ operation }) => operation === "downloadSession.create")).toBe(false);
});

test("nothing is left of it where nothing was downloaded, and an old one stays", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const sums = join(folder, "SHA256SUMS");
  await writeFile(sums, "old");
  simulator.faults.add({ on: "downloadSession.file.prepare", kind: "prepareError", times: "always" });
  const { exitCode } = await run(["get", "Images/seed", "-o", join(folder, "out"), "--checksum", sums]);
  expect(exitCode).toBe(1);
  expect(await readFile(sums, "utf8")).toBe("old");
  expect(await filesIn(folder)).toEqual(["SHA256SUMS"]);
});

test("it cannot be the directory that the download creates", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  for (const name of ["new", "NEW"]) {
    const args = ["get", "Images/seed", "-o", join(folder, "new", "out"), "--checksum", join(folder, name)];
    const { exitCode, stderr } = await run(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--checksum cannot be a directory that files are downloaded to");
  }
  expect(await filesIn(folder)).toEqual([]);
});

test("its paths are right where links lead to it or to the files", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  await mkdir(join(folder, "deep", "er"), { recursive: true });
  await symlink(join(folder, "deep", "er"), join(folder, "link"));
  for (const [out, sums] of [
    [join(folder, "out"), join(folder, "link", "SUMS")],
    [join(folder, "link", "out"), join(folder, "SUMS")],
  ] as const) {
    expect(await run(["get", "Images/seed", "-o", out, "--checksum", sums])).toMatchObject({ exitCode: 0 });
    await check("sha256sum", ["--check", "--strict", "SUMS"], { cwd: dirname(sums) });
  }
});

test("a file that is downloaded and is a link to it is not replaced", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries, report: { checksum: "always" } });
  const bytes = await simulator.inventory.item("Images/seed").file("a.iso").bytes();
  await writeFile(join(folder, "elsewhere.iso"), bytes);
  await mkdir(join(folder, "out"));
  await symlink(join(folder, "elsewhere.iso"), join(folder, "out", "a.iso"));
  const args = ["get", "Images/seed", "-o", join(folder, "out"), "--checksum", join(folder, "elsewhere.iso")];
  expect(await run(args)).toMatchObject({ exitCode: 2 });
  expect((await readFile(join(folder, "elsewhere.iso"))).equals(bytes)).toBe(true);
});

test("a link is followed; one without a target, and what is not a file, are refused", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const get = (sums: string): ReturnType<typeof run> =>
    run(["get", "Images/seed", "-o", join(folder, "out"), "--checksum", join(folder, sums)]);
  await check("mkfifo", [join(folder, "pipe")]);
  await symlink(join(folder, "nothing"), join(folder, "dangling"));
  for (const [sums, said] of [
    ["pipe", "--checksum is a named pipe"],
    ["dangling", "Symbolic link has no target"],
    [join("dangling", "SUMS"), "Symbolic link has no target"],
  ] as const) {
    expect(await get(sums)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(said) as string });
  }
  expect(simulator.journal.some(({ operation }) => operation === "downloadSession.create")).toBe(false);
  expect((await lstat(join(folder, "pipe"))).isFIFO()).toBe(true);

  await writeFile(join(folder, "real"), "old");
  await symlink(join(folder, "real"), join(folder, "SUMS"));
  expect(await get("SUMS")).toMatchObject({ exitCode: 0 });
  expect((await lstat(join(folder, "SUMS"))).isSymbolicLink()).toBe(true);
  await check("sha256sum", ["--check", "--strict", "SUMS"], { cwd: folder });
});

test("files that belong to others stay, whatever their names", async ({ simulate, folder }) => {
  const items = [{ name: "odd", files: ["SUMS.part", "-"].map((name) => ({ name, sizeBytes: 1_000 })) }];
  const { simulator, run } = await simulate({ libraries: [{ name: "Images", items }], report: { checksum: "always" } });
  const bytes = await simulator.inventory.item("Images/odd").file("SUMS.part").bytes();
  await writeFile(join(folder, "SUMS.part"), bytes);
  const args = ["get", "Images/odd", "-o", folder, "--checksum", join(folder, "SUMS")];
  expect(await run(args)).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await readFile(join(folder, "SUMS.part"))).equals(bytes)).toBe(true);
  await check("sha256sum", ["--check", "--strict", "SUMS"], { cwd: folder });
  expect(await filesIn(folder)).toEqual(["-", "SUMS", "SUMS.part"]);
});

test("a file that got its name on the server meanwhile is not replaced either", async ({ simulate, folder }) => {
  const items = [{ name: "odd", files: [{ name: "other", sizeBytes: 1_000 }] }];
  const { simulator, run } = await simulate({ libraries: [{ name: "Images", items }] });
  simulator.faults.add({ on: "downloadSession.create", kind: "renameFile", file: "other", name: "SUMS" });
  const sums = join(folder, "SUMS");
  const { exitCode, stderr } = await run(["get", "Images/odd", "-o", folder, "--checksum", sums]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--checksum cannot be a file that is downloaded");
  const bytes = await simulator.inventory.item("Images/odd").file("SUMS").bytes();
  expect((await readFile(sums)).equals(bytes)).toBe(true);
  expect(await filesIn(folder)).toEqual(["SUMS"]);
});

plain("on Windows files are named with slashes, on another drive too", () => {
  expect(checksumName("C:\\out", "C:\\out\\x\\a.iso", win32)).toBe("x/a.iso");
  expect(checksumName("C:\\out", "D:\\x\\a.iso", win32)).toBe("D:/x/a.iso");
  expect(checksumName("C:\\out", "\\\\host\\share\\a.iso", win32)).toBe("//host/share/a.iso");
});

plain("a plain name stands in a line as it is", () => {
  expect(checksumLine("ab", "out/a b.iso")).toBe("ab  out/a b.iso\n");
  expect(checksumLine("ab", "a\\b\nc\rd")).toBe("\\ab  a\\\\b\\nc\\rd\n");
});
