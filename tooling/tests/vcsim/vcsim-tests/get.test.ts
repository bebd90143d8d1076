// `carrel get` of one item against vcsim, which shares no line with it.
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { sha256OfFile } from "@carrel/test-kit";
import { expect } from "vitest";
import { countApiSessions, type SeededLibrary, seedLibrary } from "../src/index.ts";
import { expectNothingLeft, test } from "./fixture.ts";
import { type CarrelRun } from "./run-carrel.ts";

let seeded: SeededLibrary;

const filesIn = async (path: string): Promise<string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name !== ".carrel.json")
    .map((entry) => join(entry.parentPath, entry.name));

const exited = (exitCode: number): CarrelRun => ({
  exitCode,
  stdout: expect.any(String) as string,
  stderr: expect.any(String) as string,
});

test.beforeAll(async ({ vcsim }) => {
  seeded = await seedLibrary(vcsim, {
    library: "Large",
    item: "three-files",
    files: [
      { name: "empty.nvram", sizeBytes: 0 },
      { name: "small.txt", sizeBytes: 1234 },
      { name: "large.iso", sizeBytes: 100 * 1024 * 1024 },
    ],
  });
});

test.for(["auto", "rest"])("downloads every byte of an item, with --wire %s", async (wire, { vcsim, folder, run }) => {
  const before = vcsim.journal.length;
  expect(await run(["get", "Large/three-files", "-o", folder, "--wire", wire])).toEqual(exited(0));

  const found = await Promise.all(
    (await filesIn(folder)).map(async (path) => [basename(path), await sha256OfFile(path)] as const),
  );
  expect(new Map(found)).toEqual(new Map(seeded.files.map(({ name, sha256 }) => [name, sha256])));
  expect(found).toHaveLength(seeded.files.length);

  await expect.poll(() => countApiSessions(vcsim.journal)).toBe(0);
  const refused = vcsim.journal.slice(before).filter(({ status }) => status === 0 || status === 401 || status >= 500);
  // The probe of the wire style asks without a login, so that the refusal tells the style.
  const probe = { method: "POST", uri: "/rest/com/vmware/cis/session?~action=get", status: 401 };
  expect(refused).toEqual(wire === "auto" ? [probe] : []);
});

test("refuses a certificate that does not match the thumbprint", async ({ vcsim, folder, run }) => {
  const wrong = vcsim.thumbprint.replace(/^../, (byte) => (byte === "00" ? "01" : "00"));
  await expectNothingLeft(vcsim);
  const before = vcsim.journal.length;
  const { exitCode, stderr } = await run(["get", "Large/three-files", "-o", folder], { VSPHERE_THUMBPRINT: wrong });
  expect(exitCode).toBe(6);
  expect(stderr.toUpperCase()).toContain(vcsim.thumbprint);
  expect(await filesIn(folder)).toEqual([]);
  // Not even the password has left the client: all that vcsim has answered since is this listing, of three calls.
  await expectNothingLeft(vcsim);
  expect(vcsim.journal).toHaveLength(before + 3);
});

test("says that a password is wrong, without repeating it", async ({ folder, run }) => {
  const { exitCode, stdout, stderr } = await run(["get", "Large/three-files", "-o", folder], {
    VSPHERE_PASSWORD: "not-the-password",
  });
  expect(exitCode).toBe(3);
  expect(stdout + stderr).not.toContain("not-the-password");
  expect(await filesIn(folder)).toEqual([]);
});

test("says that the server has no such wire style", async ({ folder, run }) => {
  const { exitCode, stderr } = await run(["get", "Large/three-files", "-o", folder, "--wire", "api"]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /^carrel: Cannot log in: the server does not support the configured wire style\n {2}Leave out --wire/u,
  );
});

test("names an item that does not exist", async ({ folder, run }) => {
  const { exitCode, stderr } = await run(["get", "Large/three-flies", "-o", folder]);
  expect(exitCode).toBe(4);
  expect(stderr).toContain("three-flies");
  expect(await filesIn(folder)).toEqual([]);
});

test("--require-verified gives no final name to what cannot be verified", async ({ folder, run }) => {
  const { exitCode, stderr } = await run(["get", "Large/three-files/large.iso", "-o", folder, "--require-verified"]);
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(/^carrel: Cannot verify "large\.iso": .*\n {2}.*Without --require-verified it does/u);
  expect((await filesIn(folder)).map((path) => basename(path))).not.toContain("large.iso");
});
