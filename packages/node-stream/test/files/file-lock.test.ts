import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileLock } from "../../src/files/file-lock.ts";
import { lockTimes } from "../../src/files/heartbeat.ts";
import { newOwner } from "../../src/files/lock-owner.ts";
import type { LockOwner } from "../../src/files/lock-owner.ts";
import { tempDirectory } from "@carrel/test-kit";

const run = promisify(execFile);
const inUse = (holder: string): Error => new Error(`Held by ${holder}.`);
const deadPid = spawnSync(process.execPath, ["-e", ""]).pid;
const isLinux = process.platform === "linux";
const isWindows = process.platform === "win32";
const real = { ...lockTimes };

beforeEach(() => void Object.assign(lockTimes, { beatMs: 50, staleMs: 400 }));
afterEach(() => void Object.assign(lockTimes, real));

/** A lock as its holder would have written it. */
const textOf = (owner: LockOwner): string => `${JSON.stringify(owner)}\n${"0".repeat(15)}\n`;
const firstProcess = (): LockOwner => {
  if (!isLinux) return elsewhere();
  const startTicks = readFileSync("/proc/1/stat", "utf8").split(") ")[1]?.split(" ")[19] ?? "";
  return { ...newOwner(), pid: 1, startTicks };
};
const elsewhere = (): LockOwner => ({ ...newOwner(), host: "elsewhere", kernel: "another" });

test("FileLock keeps other processes away, and is removed on disposal", async () => {
  await using folder = await tempDirectory();
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

test.runIf(isLinux).each<[string, LockOwner]>([
  ["a dead process", { ...newOwner(), pid: deadPid }],
  ["an earlier process whose pid another one has now", { ...newOwner(), pid: 1, startTicks: "4711" }],
])("FileLock takes over at once from %s", async (_who, owner) => {
  await using folder = await tempDirectory();
  const path = folder.join("lock");
  await writeFile(path, textOf(owner));
  lockTimes.staleMs = 600_000;
  await using held = await FileLock.acquire(path, inUse);
  await held.assertHeld();
  expect(await readdir(folder.path)).toEqual(["lock"]);
});

test.each<[string, LockOwner]>([
  ["on another host", elsewhere()],
  ["in another pid namespace of this kernel", { ...newOwner(), namespace: "pid:[1]", pid: deadPid }],
  ["of an earlier boot", { ...newOwner(), kernel: "earlier" }],
  ["that names the first process", firstProcess()],
])(
  "FileLock takes over from a holder %s once its count stood still, whatever the time of its file",
  async (_who, owner) => {
    for (const ageMs of [0, 86_400_000, -86_400_000]) {
      await using folder = await tempDirectory();
      const path = folder.join("lock");
      await writeFile(path, textOf(owner));
      const time = new Date(Date.now() - ageMs);
      await utimes(path, time, time);
      const startedAt = performance.now();
      await using held = await FileLock.acquire(path, inUse);
      expect(performance.now() - startedAt).toBeGreaterThan(350);
      await held.assertHeld();
    }
  },
);

test("FileLock leaves the lock to a holder that counts, however old its file looks", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("lock");
  const owner = elsewhere();
  await writeFile(path, textOf(owner));
  let beats = 0;
  const beating = setInterval(() => {
    void writeFile(path, `${JSON.stringify(owner)}\n${String(++beats).padStart(15, "0")}\n`)
      .then(() => utimes(path, new Date(0), new Date(0)))
      .catch(() => {});
  }, 100);
  await expect(FileLock.acquire(path, inUse)).rejects.toThrow("Held by pid");
  clearInterval(beating);
});

test("FileLock reports a wait with the holder, and ends it with the signal", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("lock");
  const text = textOf(elsewhere());
  await writeFile(path, text);
  lockTimes.staleMs = 60_000;
  const controller = new AbortController();
  const waits: unknown[] = [];
  const waiting = FileLock.acquire(path, inUse, {
    signal: controller.signal,
    onWait: (wait) => {
      waits.push(wait);
      controller.abort(new Error("enough"));
    },
  });
  await expect(waiting).rejects.toThrow("enough");
  expect(waits).toEqual([
    { holder: expect.stringContaining("on elsewhere") as string, leftMs: expect.any(Number) as number },
  ]);
  expect(await readFile(path, "utf8")).toBe(text);
});

test("FileLock watches one of several locks of a process that is gone", async () => {
  await using folder = await tempDirectory();
  const [one, other] = [folder.join("one"), folder.join("other")];
  await writeFile(one, textOf({ ...elsewhere(), processStartMs: 7, pid: 7 }));
  await writeFile(other, textOf({ ...elsewhere(), processStartMs: 7, pid: 7 }));
  const stalledProcesses = new Set<string>();
  await using first = await FileLock.acquire(one, inUse, { stalledProcesses });
  lockTimes.staleMs = 600_000;
  await using second = await FileLock.acquire(other, inUse, { stalledProcesses });
  await Promise.all([first.assertHeld(), second.assertHeld()]);
  expect(stalledProcesses.size).toBe(1);
});

test.each(["", "{", `{"host":"h","pid":1,"processStartMs":1,"token":"../../x"}\n`, "null\n", "[]\n", "\0".repeat(99)])(
  "FileLock takes over a lock that stays without a readable owner: %j",
  async (text) => {
    await using folder = await tempDirectory();
    const path = folder.join("lock");
    await writeFile(path, text);
    await using held = await FileLock.acquire(path, inUse);
    await held.assertHeld();
  },
);

test.runIf(isLinux)("FileLock removes the claim of a process that was killed while it took over", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("lock");
  for (const name of ["lock", "lock.new"]) await writeFile(folder.join(name), textOf({ ...newOwner(), pid: deadPid }));
  await using held = await FileLock.acquire(path, inUse);
  await held.assertHeld();
  expect(await readdir(folder.path)).toEqual(["lock"]);
});

test("FileLock removes the claim of a process elsewhere if it stays", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("lock");
  for (const name of ["lock", "lock.new"]) await writeFile(folder.join(name), textOf(elsewhere()));
  await using held = await FileLock.acquire(path, inUse);
  await held.assertHeld();
  expect(await readdir(folder.path)).toEqual(["lock"]);
});

test.runIf(isLinux)("FileLock is acquired by one of many that find a stale lock", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("lock");
  for (let round = 0; round < 20; round++) {
    await writeFile(path, textOf({ ...newOwner(), pid: deadPid }));
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => FileLock.acquire(path, inUse)));
    const held = tries.flatMap((tried) => (tried.status === "fulfilled" ? [tried.value] : []));
    expect(held).toHaveLength(1);
    await held[0]?.assertHeld();
    await held[0]?.[Symbol.asyncDispose]();
    expect(await readdir(folder.path)).toEqual([]);
  }
});

test("FileLock notices its loss, and leaves the new owner's lock alone", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("lock");
  const held = await FileLock.acquire(path, inUse);
  await rename(path, folder.join("aside"));
  const other = textOf(elsewhere());
  await writeFile(path, other);
  await expect(held.assertHeld()).rejects.toMatchObject({ code: "TRANSFER", problem: "lock-lost", path });
  await held[Symbol.asyncDispose]();
  expect(await readFile(path, "utf8")).toBe(other);
});

test.each<[string, (path: string, folder: string) => Promise<unknown> | void, RegExp]>([
  ["a directory", (path) => mkdir(path), /is a directory, not a file/],
  ...(isWindows
    ? []
    : ([
        ["a link that leads nowhere", (path, folder) => symlink(`${folder}/nothing`, path), /is a symbolic link/],
        ["a link to an endless device", (path) => symlink("/dev/zero", path), /is a symbolic link/],
        ["a named pipe", (path) => run("mkfifo", [path]), /is a named pipe/],
        [
          "a socket",
          async (path) => {
            const server = createServer().listen(path);
            await once(server, "listening");
            server.unref();
          },
          /is a socket/,
        ],
      ] satisfies [string, (path: string, folder: string) => Promise<unknown> | void, RegExp][])),
  ["an endless file", async (path) => writeFile(path, "").then(() => truncate(path, 2 ** 40)), /larger than 65536/],
])("FileLock refuses %s in place of the lock, or of a claim, at once", async (_what, plant, message) => {
  for (const name of ["lock", "lock.new"]) {
    await using folder = await tempDirectory();
    await plant(folder.join(name), folder.path);
    if (name !== "lock") await writeFile(folder.join("lock"), "{");
    const refused = FileLock.acquire(folder.join("lock"), inUse);
    await expect(refused).rejects.toMatchObject({ code: "TRANSFER", problem: "obstacle", retryable: false });
    await expect(refused).rejects.toThrow(message);
  }
});

test("FileLock takes over at once from a process that ended while it held the lock", async () => {
  await using folder = await tempDirectory();
  const path = folder.join("lock");
  const code = new URL("../../src/fs.ts", import.meta.url).href;
  const program = `const { FileLock, lockTimes } = await import(${JSON.stringify(code)});
    lockTimes.beatMs = 50;
    await FileLock.acquire(${JSON.stringify(path)}, (holder) => new Error(holder));
    process.stdout.write("held");
    setTimeout(() => {}, 20_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    lockTimes.staleMs = 600_000;
    await expect(FileLock.acquire(path, inUse)).rejects.toThrow(`Held by pid ${child.pid} on`);
  } finally {
    child.kill("SIGKILL");
  }
  await once(child, "exit");
  if (!isLinux) lockTimes.staleMs = 400;
  await using held = await FileLock.acquire(path, inUse);
  await held.assertHeld();
});
