import { spawnSync } from "node:child_process";
import { readdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { FileLock, newOwner, staleAfterMs } from "../../src/files/file-lock.ts";
import { tempFolder } from "./temp-folder.ts";

const inUse = (holder: string): Error => new Error(`Held by ${holder}.`);
const deadPid = spawnSync(process.execPath, ["-e", ""]).pid;

test("keeps others off, and is gone afterwards", async () => {
  await using folder = await tempFolder();
  const path = folder.join("lock");
  {
    await using held = await FileLock.acquire(path, inUse);
    await held.assertHeld();
    await expect(FileLock.acquire(path, inUse)).rejects.toThrow(
      `Held by pid ${process.pid} on ${hostname()}, running since 20`,
    );
  }
  expect(await readdir(folder.path)).toEqual([]);
});

test.each([
  ["a dead process", { ...newOwner(), pid: deadPid }],
  ["an earlier process with our pid", { ...newOwner(), processStartMs: 1_000 }],
])("takes over from %s", async (_who, owner) => {
  await using folder = await tempFolder();
  const path = folder.join("lock");
  await writeFile(path, JSON.stringify(owner));
  await using held = await FileLock.acquire(path, inUse);
  await expect(held.assertHeld()).resolves.toBeUndefined();
  expect(await readdir(folder.path)).toEqual(["lock"]);
});

test("a living process on another host keeps its lock until it has not touched it for long", async () => {
  await using folder = await tempFolder();
  const path = folder.join("lock");
  await writeFile(path, JSON.stringify({ ...newOwner(), host: "elsewhere", pid: deadPid }));
  await expect(FileLock.acquire(path, inUse)).rejects.toThrow("on elsewhere");
  const past = new Date(Date.now() - staleAfterMs - 5_000);
  await utimes(path, past, past);
  await using held = await FileLock.acquire(path, inUse);
  await expect(held.assertHeld()).resolves.toBeUndefined();
});

test("a lock without a readable owner is stale when it is not new", async () => {
  await using folder = await tempFolder();
  const path = folder.join("lock");
  await writeFile(path, "{");
  const past = new Date(Date.now() - 5_000);
  await utimes(path, past, past);
  await using held = await FileLock.acquire(path, inUse);
  await expect(held.assertHeld()).resolves.toBeUndefined();
});

test("a claim of a process that was killed while it took over is in nobody's way", async () => {
  await using folder = await tempFolder();
  const path = folder.join("lock");
  for (const name of ["lock", "lock.claim"])
    await writeFile(folder.join(name), JSON.stringify({ ...newOwner(), pid: deadPid }));
  await using held = await FileLock.acquire(path, inUse);
  await expect(held.assertHeld()).resolves.toBeUndefined();
  expect(await readdir(folder.path)).toEqual(["lock"]);
});

test("of many who find a stale lock one gets it", async () => {
  await using folder = await tempFolder();
  const path = folder.join("lock");
  for (let round = 0; round < 20; round++) {
    await writeFile(path, JSON.stringify({ ...newOwner(), pid: deadPid }));
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => FileLock.acquire(path, inUse)));
    const held = tries.flatMap((tried) => (tried.status === "fulfilled" ? [tried.value] : []));
    expect(held).toHaveLength(1);
    await held[0]?.assertHeld();
    await held[0]?.[Symbol.asyncDispose]();
    expect(await readdir(folder.path)).toEqual([]);
  }
});

test("whoever lost the lock notices, and leaves the new owner's alone", async () => {
  await using folder = await tempFolder();
  const path = folder.join("lock");
  const held = await FileLock.acquire(path, inUse);
  await rename(path, folder.join("aside"));
  const other = JSON.stringify({ ...newOwner(), host: "elsewhere" });
  await writeFile(path, other);
  await expect(held.assertHeld()).rejects.toThrow(/no longer ours/);
  await held[Symbol.asyncDispose]();
  expect(await readFile(path, "utf8")).toBe(other);
});
