import { execFile, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FileAppender } from "../../src/files/file-appender.ts";
import { tempDirectory } from "@carrel/test-kit";
import type { TempDirectory } from "@carrel/test-kit";
import { runChild } from "./child/run-child.ts";
import { openDesk } from "./desk.ts";

const disk = { name: "disk-0.vmdk", sizeBytes: 1_048_576 };
const run = promisify(execFile);
const canCompile = process.platform === "linux" && spawnSync(process.env["CC"] ?? "cc", ["--version"]).status === 0;

/** Answers every flush of files, of folders or of both with an error. */
const library = `#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static int refused(int fd) {
  struct stat stats;
  const char *what = getenv("UNFLUSHED");
  if (fstat(fd, &stats) != 0 || what == NULL) return 0;
  return strstr(what, S_ISDIR(stats.st_mode) ? "folders" : "files") != NULL;
}
int fsync(int fd) {
  if (!refused(fd)) return syscall(SYS_fsync, fd);
  errno = atoi(getenv("UNFLUSHED_ERRNO"));
  return -1;
}
int fdatasync(int fd) { return fsync(fd); }
`;

let folder: TempDirectory;
let compiled: string;
beforeAll(async () => {
  folder = await tempDirectory();
  const source = folder.join("flush.c");
  compiled = folder.join("flush.so");
  await writeFile(source, library);
  if (canCompile) await run(process.env["CC"] ?? "cc", ["-shared", "-fPIC", "-o", compiled, source]);
});
afterAll(() => folder[Symbol.asyncDispose]());

test.runIf(canCompile).each([
  ["EINVAL", "files", true],
  ["ENOTSUP", "files folders", true],
  ["ENOSYS", "files", true],
  ["EROFS", "files", true],
  ["EINVAL", "folders", true],
  ["EIO", "files", false],
  ["ENOSPC", "files", false],
  ["EIO", "folders", false],
] as const)("downloadItem after %s for a flush of %s reports an unflushed file: %s", async (code, what, isThere) => {
  await using desk = await openDesk({ files: [disk] });
  const errno = constants.errno[code];
  const child = runChild(desk, {}, `export LD_PRELOAD=${compiled} UNFLUSHED='${what}' UNFLUSHED_ERRNO=${errno}`);
  const lines = [];
  for await (const line of child.lines) lines.push(line);
  const last = lines.at(-1);
  if (isThere) {
    expect(last).toMatchObject({ type: "report", files: [{ verifiedBy: "checksum", unflushed: true }] });
    const bytes = await readFile(desk.folder.join(disk.name));
    expect(bytes.equals(await desk.item.file(disk.name).bytes())).toBe(true);
    expect(await desk.names()).toEqual([disk.name]);
  } else {
    expect(last).toMatchObject({ type: "failed", error: { message: expect.stringContaining(`(${code})`) as string } });
  }
});

test("downloadItem accepts a file system without flush, and reports a flush that failed", async () => {
  for (const [code, isError] of [
    ["EINVAL", false],
    ["EIO", true],
  ] as const) {
    const part = await FileAppender.create(folder.join(code));
    await using closed = part;
    const error = Object.assign(new Error(code), { code, syscall: "fsync" });
    const refusing = new Proxy(
      {},
      { get: (_target, name) => (name === "sync" ? () => Promise.reject(error) : undefined) },
    );
    const synced = new FileAppender(closed.path, refusing as ConstructorParameters<typeof FileAppender>[1]).sync();
    if (isError) await expect(synced).rejects.toMatchObject({ problem: "disk" });
    else expect(await synced).toBe(false);
  }
});
