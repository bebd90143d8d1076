import { mkdir, open, rename, symlink, unlink, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { onDisk } from "../../src/files/fs-error.ts";
import { tempDirectory } from "@carrel/test-kit";
import type { TempDirectory } from "@carrel/test-kit";

const createDirectory = async (path: string): Promise<unknown> =>
  onDisk("create directory", path, () => mkdir(path, { recursive: true }));

const refused = (code: string): (() => Promise<never>) => {
  const error = Object.assign(new Error(code), { code, syscall: "x" });
  return () => Promise.reject(error);
};

test.each<[string, (folder: TempDirectory) => Promise<string>, RegExp]>([
  [
    "is a link that leads nowhere",
    async (folder) => {
      await symlink(folder.join("nothing"), folder.join("link"));
      return folder.join("link");
    },
    /^Cannot create directory ".*link": a symbolic link in its path leads nowhere, or the file system does not allow directories there \(ENOENT\)$/,
  ],
  [
    "is below one",
    async (folder) => {
      await symlink(folder.join("nothing"), folder.join("link"));
      return folder.join("link", "below");
    },
    /: part of the path is not a directory \(ENOTDIR\)$/,
  ],
  [
    "is a file",
    async (folder) => {
      await writeFile(folder.join("file"), "");
      return folder.join("file");
    },
    /: something else with that name exists \(EEXIST\)$/,
  ],
  [
    "has too long a name",
    async (folder) => folder.join("x".repeat(300)),
    /: the name or the path is too long for the file system \(ENAMETOOLONG\)$/,
  ],
  [
    "is a loop of links",
    async (folder) => {
      await symlink(folder.join("circle"), folder.join("circle"));
      return folder.join("circle", "below");
    },
    /: its path contains a loop of symbolic links \(ELOOP\)$/,
  ],
])("onDisk explains why a directory that %s cannot be created", async (_what, prepare, message) => {
  await using folder = await tempDirectory();
  const failed = createDirectory(await prepare(folder));
  await expect(failed).rejects.toThrow(message);
  // Running the same command again would not help.
  await expect(failed).rejects.toMatchObject({ code: "TRANSFER", retryable: false });
});

test("onDisk explains why a directory on a read-only file system cannot be created", async () => {
  const failed = onDisk("create directory", "f", refused("EROFS"));
  await expect(failed).rejects.toMatchObject({
    message: 'Cannot create directory "f": the file system is read-only (EROFS)',
    retryable: false,
  });
});

test("onDisk explains ENOENT by the directory of a write, and by the file of a read", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("gone", "file");
  await expect(onDisk("write", path, () => writeFile(path, ""))).rejects.toThrow(
    /: its directory no longer exists \(ENOENT\)$/,
  );
  await expect(onDisk("read", path, () => open(path))).rejects.toThrow(/: it no longer exists \(ENOENT\)$/);
  await expect(onDisk("delete", path, () => unlink(path))).rejects.toThrow(/: it no longer exists \(ENOENT\)$/);
});

test("onDisk names the obstacle to a rename", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("a.part"), "");
  await mkdir(folder.join("a"));
  const path = folder.join("a.part");
  const failed = onDisk("rename", path, () => rename(path, folder.join("a")));
  await expect(failed).rejects.toThrow(/: a directory already has the new name \(EISDIR\)$/);
  for (const code of ["EPERM", "EACCES", "EBUSY"]) {
    await expect(onDisk("rename", "a", refused(code))).rejects.toThrow(/another program/);
  }
});

test.each(["EEXIST", "ENAMETOOLONG", "EROFS", "EBUSY", "ENOSPC"])(
  "onDisk has a reason of its own for %s",
  async (code) => {
    for (const action of ["create", "write", "rename", "create directory"]) {
      await expect(onDisk(action, "f", refused(code))).rejects.not.toThrow(/the system refused it/);
    }
  },
);
