import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { runCli } from "./support/run-cli.ts";
import { test } from "./support/fixture.ts";

const items = [
  { name: "debian-13", type: "iso", files: [{ name: "debian.iso", sizeBytes: 70_000 }] },
  {
    name: "ubuntu",
    type: "iso",
    files: [
      { name: "a.iso", sizeBytes: 50_000 },
      { name: "b.iso", sizeBytes: 0 },
    ],
  },
];
const libraries = [{ name: "Images", items }];

interface Line {
  readonly type: string;
  readonly path: string;
}

/** Runs without a server, a user or a password. */
async function verify(folder: string): Promise<{ readonly exitCode: number | null; readonly states: object }> {
  const { exitCode, stdout } = await runCli(["verify", folder, "--json"], {});
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  const files = lines.filter(({ type }) => type !== "summary" && type !== "error");
  return { exitCode, states: Object.fromEntries(files.map(({ path, type }) => [path, type])) };
}

async function spoil(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe("carrel verify", () => {
  test("proves by the records of get, without a server", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await run(["get", "Images/*", "-o", folder]);
    const whole = { "debian-13/debian.iso": "whole", "ubuntu/a.iso": "whole", "ubuntu/b.iso": "whole" };
    expect(await verify(folder)).toEqual({ exitCode: 0, states: whole });
    const { stdout, stderr } = await runCli(["verify", folder], {});
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      /^ +68\.4 KiB {2}whole +debian-13\/debian\.iso {2}\(debian-13\/\.carrel\.json, checksum on arrival, recorded \d+ \w+ \d{4}\)$/mu,
    );
    expect(stdout).toContain("3 files whole.\n");
  });

  test("ends with 5 where a file changed or is missing, and names it", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await run(["get", "Images/*", "-o", folder]);
    await spoil(join(folder, "debian-13/debian.iso"));
    await rm(join(folder, "ubuntu/b.iso"));
    await writeFile(join(folder, "notes.txt"), "mine");
    const states = {
      "debian-13/debian.iso": "changed",
      "notes.txt": "unknown",
      "ubuntu/a.iso": "whole",
      "ubuntu/b.iso": "missing",
    };
    expect(await verify(folder)).toEqual({ exitCode: 5, states });
    expect((await runCli(["verify", folder], {})).stdout).toContain("1 file whole, 1 CHANGED, 1 MISSING, 1 unknown.\n");
  });

  test("proves by the records of mirrors below the directory, also of one whose files are gone", async ({
    simulate,
    folder,
  }) => {
    const { run } = await simulate({ libraries });
    await run(["mirror", "Images", join(folder, "site/one")]);
    await run(["mirror", "Images", join(folder, "site/two")]);
    await rm(join(folder, "site/two/debian-13"), { recursive: true });
    await rm(join(folder, "site/two/ubuntu"), { recursive: true });
    const { exitCode, states } = await verify(folder);
    expect(exitCode).toBe(5);
    expect(states).toEqual({
      "site/one/debian-13/debian.iso": "whole",
      "site/one/ubuntu/a.iso": "whole",
      "site/one/ubuntu/b.iso": "whole",
      "site/two/debian-13/debian.iso": "missing",
      "site/two/ubuntu/a.iso": "missing",
      "site/two/ubuntu/b.iso": "missing",
    });
    expect((await runCli(["verify", folder], {})).stdout).toContain(
      "(site/one/.carrel-mirror.json, checksum on arrival)",
    );
  });

  test("proves by the record of a mirror", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await run(["mirror", "Images", folder]);
    expect(await verify(folder)).toMatchObject({ exitCode: 0 });
    await spoil(join(folder, "ubuntu/a.iso"));
    expect(await verify(folder)).toMatchObject({ exitCode: 5, states: { "ubuntu/a.iso": "changed" } });
  });

  test.for([
    ["SHA256SUMS", (hex: string) => `${hex}  x.bin\n`],
    ["x.bin.sha256", (hex: string) => `SHA256 (x.bin) = ${hex}\n`],
    ["x.mf", (hex: string) => `SHA256(x.bin)= ${hex}\n`],
  ] as const)("proves by %s", async ([name, lineFor], { folder }) => {
    await writeFile(join(folder, "x.bin"), "bytes");
    await writeFile(join(folder, name), lineFor(sha256(Buffer.from("bytes"))));
    expect(await verify(folder)).toEqual({ exitCode: 0, states: { "x.bin": "whole" } });
    await writeFile(join(folder, "x.bin"), "other");
    expect(await verify(folder)).toEqual({ exitCode: 5, states: { "x.bin": "changed" } });
    await rm(join(folder, "x.bin"));
    expect(await verify(folder)).toEqual({ exitCode: 5, states: { "x.bin": "missing" } });
  });

  test("proves by a file that get --checksum wrote", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await run(["get", "Images/ubuntu", "-o", folder, "--no-record", "--checksum", join(folder, "SHA256SUMS")]);
    expect(await verify(folder)).toEqual({ exitCode: 0, states: { "a.iso": "whole", "b.iso": "whole" } });
  });

  test("opens nothing outside of the directory, whatever a list names", async ({ folder }) => {
    const directory = join(folder, "dir");
    await mkdir(directory);
    await writeFile(join(folder, "secret"), "bytes");
    await symlink(folder, join(directory, "up"));
    const hex = sha256(Buffer.from("bytes"));
    await writeFile(join(directory, "SHA256SUMS"), `${hex}  ../secret\n${hex}  /etc/passwd\n${hex}  up/secret\n`);
    expect(await verify(directory)).toEqual({ exitCode: 5, states: { "up/secret": "missing" } });
    const { stderr } = await runCli(["verify", directory], {});
    expect(stderr).toContain('names "../secret", which is outside of the directory');
  });

  test("does not call a file whole that nothing verified when it arrived", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await run(["get", "Images/debian-13", "-o", folder]);
    const path = join(folder, ".carrel.json");
    await writeFile(
      path,
      (await readFile(path, "utf8")).replace('"verifiedBy": "checksum"', '"verifiedBy": "nothing"'),
    );
    expect(await verify(folder)).toEqual({ exitCode: 1, states: { "debian.iso": "unknown" } });
  });

  test("ends with 1 where nothing is known, 4 where there is no directory, 2 where it is a file", async ({
    folder,
  }) => {
    await writeFile(join(folder, "x.bin"), "bytes");
    expect(await verify(folder)).toEqual({ exitCode: 1, states: { "x.bin": "unknown" } });
    expect(await runCli(["verify", join(folder, "none")], {})).toMatchObject({ exitCode: 4 });
    expect(await runCli(["verify", join(folder, "x.bin")], {})).toMatchObject({ exitCode: 2 });
  });

  test("--online compares with the server's checksums, and tells a newer version", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, report: { itemChecksum: true } });
    await run(["get", "Images/debian-13", "-o", folder]);
    const same = await run(["verify", folder, "--online"]);
    expect(same).toMatchObject({ exitCode: 0, stderr: "" });
    expect(same.stdout).toContain(`checksum of ${simulator.url.origin}`);
    const path = join(folder, ".carrel.json");
    await writeFile(
      path,
      (await readFile(path, "utf8")).replace(/"contentVersion": "[^"]*"/u, '"contentVersion": "0"'),
    );
    const { exitCode, stdout } = await run(["verify", folder, "--online"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('"debian-13": the server has another content version\n');
    await writeFile(path, (await readFile(path, "utf8")).replace(simulator.url.origin, "https://vc.example.com"));
    expect((await run(["verify", folder, "--online"])).stdout).toContain(
      "recorded from another server, and not compared",
    );
  });
});
