import { execFile } from "node:child_process";
import { chmod, chown, link, lstat, mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { FileLock } from "../../src/files/file-lock.ts";
import { lockTimes } from "../../src/files/heartbeat.ts";
import { downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions, DownloadReport } from "../../src/index.ts";
import { openDesk, until } from "./desk.ts";
import type { Desk } from "./desk.ts";

vi.setConfig({ testTimeout: 30_000 });

const MiB = 1_048_576;
const disk = { name: "disk-0.vmdk", sizeBytes: 3 * MiB };
const isWindows = process.platform === "win32";
const isRoot = process.geteuid?.() === 0;
const somebodyElse = 65_534;
const run = promisify(execFile);

const get = async (desk: Desk, options: DownloadItemOptions = {}): Promise<DownloadReport> =>
  downloadItem(desk.client, desk.item.id, desk.folder.path, options).report;

/** Downloads until some of the disk is there, and stops. */
async function interrupt(desk: Desk): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, {
    maxBytesPerSecond: 16 * MiB,
    progressIntervalMs: 20,
    signal,
  });
  await until(task, (event) => event.type === "transferring" && event.receivedBytes > MiB);
  controller.abort();
  await expect(task.report).rejects.toMatchObject({ name: "AbortError" });
}

async function expectStartsOver(desk: Desk): Promise<void> {
  const { receivedBytes, files } = await get(desk);
  expect({ receivedBytes, verifiedBy: files[0]?.verifiedBy }).toEqual({
    receivedBytes: disk.sizeBytes,
    verifiedBy: "checksum",
  });
  const bytes = await readFile(desk.folder.join(disk.name));
  expect(bytes.equals(await desk.item.file(disk.name).bytes())).toBe(true);
  expect((await lstat(desk.folder.join(disk.name))).uid).toBe(process.geteuid?.() ?? 0);
  expect(await desk.names()).toEqual([disk.name]);
}

test.skipIf(isWindows).each([".part", ".part.json"])(
  "downloadItem does not use a %s that other users may write to",
  async (suffix) => {
    await using desk = await openDesk({ files: [disk] });
    await interrupt(desk);
    await chmod(desk.folder.join(disk.name + suffix), 0o666);
    await expectStartsOver(desk);
  },
);

// As root, who can make files of others; where tests run by themselves they do.
test.runIf(isRoot).each([".part", ".part.json"])("downloadItem does not use a %s of another user", async (suffix) => {
  await using desk = await openDesk({ files: [disk] });
  await interrupt(desk);
  await chown(desk.folder.join(disk.name + suffix), somebodyElse, 0);
  await expectStartsOver(desk);
});

test.skipIf(isWindows)("downloadItem resumes under any umask, and the final file has the usual rights", async () => {
  const before = process.umask(0o002);
  try {
    await using desk = await openDesk({ files: [disk] });
    await interrupt(desk);
    expect((await lstat(desk.folder.join(`${disk.name}.part`))).mode & 0o022).toBe(0);
    const { receivedBytes } = await get(desk);
    expect(receivedBytes).toBeLessThan(2 * MiB);
    expect((await lstat(desk.folder.join(disk.name))).mode & 0o777).toBe(0o664);
  } finally {
    process.umask(before);
  }
});

test.skipIf(isWindows)("downloadItem copies a part that has a second name, whose bytes do not change", async () => {
  await using desk = await openDesk({ files: [disk] });
  await interrupt(desk);
  const [part, backup] = [desk.folder.join(`${disk.name}.part`), desk.folder.join("backup")];
  await link(part, backup);
  const before = await readFile(backup);
  const { receivedBytes } = await get(desk);
  expect(receivedBytes).toBeLessThan(2 * MiB);
  expect((await readFile(backup)).equals(before)).toBe(true);
  expect((await lstat(desk.folder.join(disk.name))).nlink).toBe(1);
});

const record = (more: object): string =>
  JSON.stringify({
    format: 1,
    origin: "http://x",
    itemId: "x",
    file: disk.name,
    contentVersion: "1",
    bytes: 5,
    digest: { algorithm: "sha256", hex: "0".repeat(64) },
    ...more,
  });

test.each<[string, (path: string, folder: string) => Promise<unknown>]>([
  ["an endless file", (path) => writeFile(path, "").then(() => truncate(path, 2 ** 40))],
  ["another type of verdict", (path) => writeFile(path, record({ verifiedBy: 5 }))],
  ["an unknown verdict", (path) => writeFile(path, record({ verifiedBy: "faith" }))],
  ["a digest that is too short", (path) => writeFile(path, record({ digest: { algorithm: "sha256", hex: "00" } }))],
  [
    "a digest of a member of all objects",
    (path) => writeFile(path, record({ digest: { algorithm: "toString", hex: "" } })),
  ],
  ["more bytes than a number can state", (path) => writeFile(path, record({ bytes: 1e300 }))],
  ["a token that leads elsewhere", (path) => writeFile(path, record({ token: "../../../etc/x" }))],
  ["a list", (path) => writeFile(path, "[]")],
  ...(isWindows
    ? []
    : ([
        ["a link to an endless device", (path) => symlink("/dev/zero", path)],
        ["a link that leads nowhere", (path, folder) => symlink(`${folder}/nothing`, path)],
        ["a named pipe", (path) => run("mkfifo", [path])],
      ] satisfies [string, (path: string, folder: string) => Promise<unknown>][])),
])("downloadItem does not use a record that is %s", async (_what, plant) => {
  await using desk = await openDesk({ files: [disk] });
  await plant(desk.folder.join(`${disk.name}.part.json`), desk.folder.path);
  await writeFile(desk.folder.join(`${disk.name}.part`), "precious");
  await expectStartsOver(desk);
});

test.skipIf(isWindows)("downloadItem never writes through links with the names of its files", async () => {
  await using desk = await openDesk({ files: [disk], report: { checksum: "never" } });
  await using elsewhere = await openDesk({ files: [] });
  const victim = elsewhere.folder.join("victim");
  await writeFile(victim, "precious");
  for (const suffix of [".part", ".part.json", ".part.json.tmp"]) {
    await symlink(victim, desk.folder.join(disk.name + suffix));
  }
  await get(desk);
  expect(await readFile(victim, "utf8")).toBe("precious");
  expect(await desk.names()).toEqual([disk.name, `${disk.name}.part.json.tmp`]);
});

test.each([".part", ".part.json"])(
  "downloadItem neither loses data nor hangs with a directory in place of the %s",
  async (suffix) => {
    await using desk = await openDesk({ files: [disk] });
    await mkdir(desk.folder.join(disk.name + suffix));
    await get(desk).then(
      () => expect(suffix).toBe(".part"),
      (error: unknown) =>
        expect(error).toMatchObject({ code: "TRANSFER", message: expect.stringContaining(suffix) as string }),
    );
    expect((await lstat(desk.folder.join(disk.name + suffix))).isDirectory()).toBe(true);
  },
);

test.skipIf(isWindows)("downloadItem reports at once what has the name of a lock and is not one", async () => {
  for (const plant of [
    (path: string) => symlink("/dev/zero", path),
    (path: string) => symlink("/nonexistent/x", path),
    (path: string) => run("mkfifo", [path]),
    (path: string) => mkdir(path),
  ]) {
    await using desk = await openDesk({ files: [disk] });
    await plant(desk.folder.join(`${disk.name}.part.lock`));
    await expect(get(desk)).rejects.toMatchObject({
      problem: "obstacle",
      message: expect.stringMatching(
        /disk-0\.vmdk\.part\.lock" is a (?:symbolic link|named pipe|directory), not a file$/,
      ) as string,
    });
  }
});

test("downloadItem fails at once if one file is in use, without waiting for the lock of another", async () => {
  await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 5 }, disk] });
  const elsewhere = { host: "elsewhere", pid: 1, processStartMs: 1, token: "0123abcd" };
  await writeFile(desk.folder.join("a.iso.part.lock"), `${JSON.stringify(elsewhere)}\n0\n`);
  await using held = await FileLock.acquire(desk.folder.join(`${disk.name}.part.lock`), () => new Error("in use"));
  const { staleMs } = lockTimes;
  lockTimes.staleMs = 600_000;
  try {
    await expect(get(desk)).rejects.toMatchObject({
      problem: "locked",
      message: expect.stringContaining(
        `"disk-0.vmdk" is being downloaded to this directory by another process`,
      ) as string,
    });
  } finally {
    lockTimes.staleMs = staleMs;
  }
  await held.assertHeld();
  expect(await desk.names()).toEqual(["a.iso.part.lock", `${disk.name}.part.lock`]);
});
