// The built command-line tool against vcsim, which shares no line with it.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  countApiSessions,
  listDownloadSessions,
  type SeededLibrary,
  seedLibrary,
  startVcsim,
  type Vcsim,
} from "../src/index.ts";
import { type CarrelRun, runCarrel } from "./run-carrel.ts";
import { sha256OfFile } from "./sha256-of-file.ts";

let vcsim: Vcsim;
let seeded: SeededLibrary;
let folder: string;

const filesIn = async (path: string): Promise<string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const exited = (exitCode: number): CarrelRun => ({
  exitCode,
  stdout: expect.any(String) as string,
  stderr: expect.any(String) as string,
});

async function expectNothingLeft(): Promise<void> {
  expect(await listDownloadSessions(vcsim)).toEqual([]);
  await expect.poll(() => countApiSessions(vcsim.journal)).toBe(0);
}

beforeAll(async () => {
  vcsim = await startVcsim();
  seeded = await seedLibrary(vcsim, {
    library: "Images",
    item: "three-files",
    files: [
      { name: "empty.nvram", sizeBytes: 0 },
      { name: "small.txt", sizeBytes: 1234 },
      { name: "large.iso", sizeBytes: 100 * 1024 * 1024 },
    ],
  });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carrel-vcsim-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await expectNothingLeft();
});

afterAll(async () => {
  await vcsim[Symbol.asyncDispose]();
});

test.for(["auto", "rest"])("get downloads every byte of an item, with --wire %s", async (wire) => {
  const before = vcsim.journal.length;
  const run = await runCarrel(vcsim, ["get", "Images/three-files", "-o", folder, "--wire", wire]);
  expect(run).toEqual(exited(0));

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

test("get refuses a certificate that does not match the thumbprint", async () => {
  const wrong = vcsim.thumbprint.replace(/^../, (byte) => (byte === "00" ? "01" : "00"));
  const before = vcsim.journal.length;
  const run = await runCarrel(vcsim, ["get", "Images/three-files", "-o", folder], { VSPHERE_THUMBPRINT: wrong });
  expect(run).toEqual(exited(6));
  expect(run.stderr.toUpperCase()).toContain(vcsim.thumbprint);
  expect(await filesIn(folder)).toEqual([]);
  // Not even the password has left the client: all that vcsim has answered since is this listing, of three calls.
  await expectNothingLeft();
  expect(vcsim.journal).toHaveLength(before + 3);
});

test("get says that a password is wrong, without repeating it", async () => {
  const run = await runCarrel(vcsim, ["get", "Images/three-files", "-o", folder], {
    VSPHERE_PASSWORD: "not-the-password",
  });
  expect(run).toEqual(exited(3));
  expect(run.stdout + run.stderr).not.toContain("not-the-password");
  expect(await filesIn(folder)).toEqual([]);
});

test("get names an item that does not exist", async () => {
  const run = await runCarrel(vcsim, ["get", "Images/three-flies", "-o", folder]);
  expect(run).toEqual(exited(4));
  expect(run.stderr).toContain("three-flies");
  expect(await filesIn(folder)).toEqual([]);
});
