import { execFile } from "node:child_process";
import { chmod, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TransferError } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { makeDirectory } from "../../src/files/make-directory.ts";
import { tempDirectory } from "@carrel/test-kit";

const isLinux = process.platform === "linux";

test("makeDirectory creates a directory with its parents, and leaves one that exists", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("a", "b", "..", "c", "d");
  await makeDirectory(path);
  await writeFile(folder.join("a", "c", "d", "file"), "");
  await makeDirectory(path);
  expect(await readdir(folder.join("a"))).toEqual(["c"]);
  expect(await readdir(path)).toEqual(["file"]);
});

test("makeDirectory succeeds for all callers that create the same directory at once", async () => {
  await using folder = await tempDirectory();
  // Many times over: it is a matter of chance who looks when.
  for (let round = 0; round < 100; round++) {
    const path = folder.join(`${round}`, "a", "b");
    await Promise.all(Array.from({ length: 20 }, (_, index) => makeDirectory(`${path}/${index % 3}`)));
    expect(await readdir(path)).toEqual(["0", "1", "2"]);
  }
});

test("makeDirectory follows a link that leads to a directory", async () => {
  await using folder = await tempDirectory();
  await makeDirectory(folder.join("real"));
  await symlink(folder.join("real"), folder.join("link"), "junction");
  await makeDirectory(folder.join("link", "below"));
  expect((await stat(folder.join("real", "below"))).isDirectory()).toBe(true);
});

describe("makeDirectory names the obstacle:", () => {
  test("a file", async () => {
    await using folder = await tempDirectory();
    await writeFile(folder.join("file"), "");
    for (const path of [folder.join("file"), folder.join("file", "below", "it")]) {
      const failed = makeDirectory(path);
      await expect(failed).rejects.toThrow(TransferError);
      await expect(failed).rejects.toThrow(/^Cannot create directory ".*file": a file with that name exists$/);
    }
  });

  test.skipIf(process.platform === "win32")("a link that leads nowhere or into a loop", async () => {
    await using folder = await tempDirectory();
    await symlink(folder.join("nothing"), folder.join("link"));
    await symlink("circle", folder.join("circle"));
    for (const name of ["link", "circle"]) {
      for (const path of [folder.join(name), folder.join(name, "below")]) {
        await expect(makeDirectory(path)).rejects.toThrow(
          new RegExp(`^Cannot create directory "[^"]*${name}": a symbolic link with that name leads nowhere$`),
        );
      }
    }
    expect(await readdir(folder.path)).toEqual(["circle", "link"]);
  });

  test.runIf(isLinux)("a device", async () => {
    await expect(makeDirectory("/dev/null/below")).rejects.toThrow(
      'Cannot create directory "/dev/null": a device with that name exists',
    );
  });

  test("a name that is too long", async () => {
    await using folder = await tempDirectory();
    await expect(makeDirectory(folder.join("x".repeat(300)))).rejects.toThrow(TransferError);
  });

  test.skipIf(process.platform === "win32")("missing rights, unless the user is root", async () => {
    await using folder = await tempDirectory();
    await makeDirectory(folder.join("closed"));
    await chmod(folder.path, 0o755);
    await chmod(folder.join("closed"), 0o555);
    const child = makeInChild(folder.join("closed", "a"), { withoutRights: true });
    await expect(child).rejects.toMatchObject({
      stderr: expect.stringContaining(": permission denied (EACCES)") as string,
    });
  });
});

async function makeInChild(path: string, { withoutRights = false } = {}): Promise<unknown> {
  const module = fileURLToPath(new URL("../../src/files/make-directory.ts", import.meta.url));
  // Root gives its rights up only after the import: the clone may be in a directory that only root may enter.
  const giveUp = "if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }";
  const code = `import { makeDirectory } from ${JSON.stringify(module)};
    ${withoutRights ? giveUp : ""}
    await makeDirectory(${JSON.stringify(path)});`;
  const limits = { timeout: 60_000, killSignal: "SIGKILL" } as const;
  return promisify(execFile)(process.execPath, ["--input-type=module-typescript", "-e", code], limits);
}

// In a process of its own: a loop in the system's thread could not be ended from here.
test.runIf(isLinux).each(["/proc/carrel-test", "/proc/carrel-test/below", "/proc/self/carrel-test"])(
  "makeDirectory ends if %s cannot be created",
  async (path) => {
    const child = makeInChild(path);
    await expect(child).rejects.toMatchObject({
      killed: false,
      code: 1,
      stderr: expect.stringMatching(
        /Cannot create directory "\/proc\/.*carrel-test": the file system does not allow directories in "\/proc/,
      ) as string,
    });
  },
);
