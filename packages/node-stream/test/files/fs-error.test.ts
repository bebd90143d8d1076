import { mkdir, open, rename, symlink, unlink, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { onDisk } from "../../src/files/fs-error.ts";
import { tempFolder } from "./temp-folder.ts";
import type { TempFolder } from "./temp-folder.ts";

const createFolder = async (path: string): Promise<unknown> =>
  onDisk("create the folder", path, () => mkdir(path, { recursive: true }));

const refused = (code: string): (() => Promise<never>) => {
  const error = Object.assign(new Error(code), { code, syscall: "x" });
  return () => Promise.reject(error);
};

test.each<[string, (folder: TempFolder) => Promise<string>, RegExp]>([
  [
    "is a link that leads nowhere",
    async (folder) => {
      await symlink(folder.join("nothing"), folder.join("link"));
      return folder.join("link");
    },
    /Could not create the folder ".*link": a symbolic link in its path leads nowhere, or .* Choose another one\. \(ENOENT\)/,
  ],
  [
    "is below one",
    async (folder) => {
      await symlink(folder.join("nothing"), folder.join("link"));
      return folder.join("link", "below");
    },
    /a part of the path is no folder\. \(ENOTDIR\)/,
  ],
  [
    "is a file",
    async (folder) => {
      await writeFile(folder.join("file"), "");
      return folder.join("file");
    },
    /something that is no folder has that name\. Choose another one\. \(EEXIST\)/,
  ],
  [
    "has too long a name",
    async (folder) => folder.join("x".repeat(300)),
    /the name or the path is too long for the file system\. Choose a shorter one\. \(ENAMETOOLONG\)/,
  ],
  [
    "is a circle of links",
    async (folder) => {
      await symlink(folder.join("circle"), folder.join("circle"));
      return folder.join("circle", "below");
    },
    /symbolic links in its path lead in a circle\. Choose another one\. \(ELOOP\)/,
  ],
])("a folder that %s", async (_what, prepare, message) => {
  await using folder = await tempFolder();
  const failed = createFolder(await prepare(folder));
  await expect(failed).rejects.toThrow(message);
  // Running the same command again would not help.
  await expect(failed).rejects.toMatchObject({ code: "TRANSFER", retryable: false });
});

test("a folder on a file system that is read-only", async () => {
  const failed = onDisk("create the folder", "f", refused("EROFS"));
  await expect(failed).rejects.toMatchObject({
    message: 'Could not create the folder "f": the file system is read-only. Choose another one. (EROFS)',
    retryable: false,
  });
});

test("what is missing is the folder where something is written, and the thing itself where it is read", async () => {
  await using folder = await tempFolder();
  const path = folder.join("gone", "file");
  await expect(onDisk("write", path, () => writeFile(path, ""))).rejects.toThrow(/: the folder is gone\./);
  await expect(onDisk("read", path, () => open(path))).rejects.toThrow(/: it is gone\./);
  await expect(onDisk("delete", path, () => unlink(path))).rejects.toThrow(/: it is gone\./);
});

test("a rename says what is in the way, or who may be", async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join("a.part"), "");
  await mkdir(folder.join("a"));
  const path = folder.join("a.part");
  const failed = onDisk("rename", path, () => rename(path, folder.join("a")));
  await expect(failed).rejects.toThrow(
    /: a folder has the name that it is to get\. Rename or remove that\. \(EISDIR\)/,
  );
  for (const code of ["EPERM", "EACCES", "EBUSY"]) {
    await expect(onDisk("rename", "a", refused(code))).rejects.toThrow(/another program/);
  }
});

test.each(["EEXIST", "ENAMETOOLONG", "EROFS", "EBUSY", "ENOSPC"])("%s is not just refused", async (code) => {
  for (const action of ["create", "write", "rename", "create the folder"]) {
    await expect(onDisk(action, "f", refused(code))).rejects.not.toThrow(/the system refused it/);
  }
});
