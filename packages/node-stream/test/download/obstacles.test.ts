import { execFile } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions } from "../../src/index.ts";
import { openDesk } from "./desk.ts";
import type { Desk } from "./desk.ts";

const files = [
  { name: "a.iso", sizeBytes: 1_000 },
  { name: "b.iso", sizeBytes: 1_000 },
];
const isWindows = process.platform === "win32";
const run = promisify(execFile);
const modes: readonly (DownloadItemOptions["existing"] & string)[] = ["resume", "error", "overwrite"];

const get = (desk: Desk, options: DownloadItemOptions = {}): Promise<unknown> =>
  downloadItem(desk.client, desk.item.id, desk.folder.path, options).report;

const askedForSession = ({ simulator }: Desk): boolean =>
  simulator.journal.some(({ operation }) => operation?.startsWith("downloadSession"));

test.skipIf(isWindows).each(modes)("downloadItem refuses a named pipe at once, with existing: %s", async (existing) => {
  await using desk = await openDesk({ files });
  await run("mkfifo", [desk.folder.join("a.iso")]);
  await expect(get(desk, { existing })).rejects.toMatchObject({
    code: "TRANSFER",
    retryable: false,
    message: expect.stringMatching(/^Cannot write ".*a\.iso": a named pipe with that name exists$/) as string,
  });
  expect(askedForSession(desk)).toBe(false);
  expect(await desk.names()).toEqual(["a.iso"]);
  expect((await lstat(desk.folder.join("a.iso"))).isFIFO()).toBe(true);
  // Something that has the name of no requested file is not an obstacle.
  await get(desk, { existing, include: ["b.iso"] });
  expect(await desk.names()).toEqual(["a.iso", "b.iso"]);
});

test.each(modes)("downloadItem refuses a directory at once, with existing: %s", async (existing) => {
  await using desk = await openDesk({ files });
  await mkdir(desk.folder.join("b.iso"));
  await expect(get(desk, { existing })).rejects.toThrow(/^Cannot write ".*b\.iso": a directory with that name exists$/);
  expect(askedForSession(desk)).toBe(false);
  expect(await desk.names()).toEqual(["b.iso"]);
});

test.skipIf(isWindows)("downloadItem refuses a socket, a device and links to them", async () => {
  await using desk = await openDesk({ files });
  const server = createServer();
  server.listen(desk.folder.join("b.iso"));
  await once(server, "listening");
  await expect(get(desk)).rejects.toThrow(/^Cannot write ".*b\.iso": a socket with that name exists/);
  server.close();
  await once(server, "close");
  await symlink("/dev/null", desk.folder.join("a.iso"));
  await expect(get(desk)).rejects.toThrow(/^Cannot write ".*a\.iso": a device with that name exists/);
  await symlink(desk.folder.path, desk.folder.join("b.iso"));
  await expect(get(desk, { exclude: ["a.iso"], existing: "overwrite" })).rejects.toThrow(
    /^Cannot write ".*b\.iso": a directory with that name exists/,
  );
  expect(askedForSession(desk)).toBe(false);
});

test.skipIf(isWindows)(
  "downloadItem refuses an obstacle to a file that only the session lists before it is transferred",
  async () => {
    await using desk = await openDesk({ files });
    desk.simulator.faults.add({ on: "item.file.list", kind: "status", status: 400 });
    await mkdir(desk.folder.join("a.iso"));
    await expect(get(desk)).rejects.toThrow(/^Cannot write ".*a\.iso": a directory with that name exists/);
    expect(desk.simulator.journal.some(({ kind }) => kind === "transfer")).toBe(false);
    expect(await desk.names()).toEqual(["a.iso"]);
  },
);

test.skipIf(isWindows)(
  "downloadItem treats a link to a file as that file, and overwrite replaces the link",
  async () => {
    await using desk = await openDesk({ files });
    await using elsewhere = await openDesk({ files: [] });
    const bytes = Buffer.from(await desk.item.file("a.iso").bytes());
    const [other, whole] = [elsewhere.folder.join("other"), elsewhere.folder.join("whole")];
    await writeFile(other, "other");
    await writeFile(whole, bytes);
    await symlink(other, desk.folder.join("a.iso"));
    await expect(get(desk)).rejects.toThrow(/a\.iso" already exists with 5 bytes/);
    await expect(get(desk, { existing: "error" })).rejects.toThrow(/" already exists$/);
    await get(desk, { existing: "overwrite" });
    expect((await lstat(desk.folder.join("a.iso"))).isFile()).toBe(true);
    expect(await readFile(other, "utf8")).toBe("other");

    await using again = await openDesk({ files });
    await symlink(whole, again.folder.join("a.iso"));
    await symlink(desk.folder.join("nothing"), again.folder.join("b.iso"));
    await get(again);
    expect((await readFile(again.folder.join("a.iso"))).equals(bytes)).toBe(true);
    expect((await lstat(again.folder.join("b.iso"))).isFile()).toBe(true);
  },
);

test.skipIf(isWindows)("downloadItem does not wait for a named pipe in place of a part or record", async () => {
  await using desk = await openDesk({ files });
  for (const suffix of [".part", ".part.json"]) await run("mkfifo", [desk.folder.join(`a.iso${suffix}`)]);
  await get(desk);
  expect(await desk.names()).toEqual(["a.iso", "b.iso"]);
});
