import { randomBytes } from "node:crypto";
import { open, truncate, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { DigestThread } from "../../src/files/digest-thread.ts";
import { hexDigest, sha256, tempDirectory } from "@carrel/test-kit";

const bytes = randomBytes(20 * 1024 * 1024 + 13);
const expected = (algorithm: string, length: number): string => hexDigest(algorithm, bytes.subarray(0, length));

test.each(["sha1", "md5", "sha256", "sha512"] as const)(
  "DigestThread computes the %s of a file that grows",
  async (algorithm) => {
    await using folder = await tempDirectory();
    await using thread = new DigestThread();
    await using file = await open(folder.join("f"), "w+");
    const digest = thread.digest(file.fd, algorithm);
    expect(await digest.at(0)).toBe(expected(algorithm, 0));
    for (const end of [1, 300_000, 300_000, 1_048_577, bytes.length]) {
      await file.write(bytes, 0, end, 0);
      digest.advanceTo(end);
      expect(await digest.at(end)).toBe(expected(algorithm, end));
      expect(digest.latest).toEqual({ bytes: end, hex: expected(algorithm, end) });
    }
    await expect(digest.at(10)).rejects.toThrow(RangeError);
    await digest.close();
  },
);

test("DigestThread hashes a large file in a thread, which lives until disposal", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("f"), bytes);
  await using file = await open(folder.join("f"), "r");
  const workers: Worker[] = [];
  const started = (worker: Worker): unknown => workers.push(worker);
  process.on("worker", started);
  try {
    await using thread = new DigestThread();
    const digest = thread.digest(file.fd, "sha256");
    await digest.at(8_388_608);
    expect(workers).toEqual([]);
    expect(await digest.at(bytes.length)).toBe(expected("sha256", bytes.length));
    expect(workers.map(({ threadId }) => threadId > 0)).toEqual([true]);
    await digest.close();
  } finally {
    process.off("worker", started);
  }
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1]);
});

test("DigestThread hashes several files at once", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("f"), bytes);
  await using thread = new DigestThread();
  await using file = await open(folder.join("f"), "r");
  const lengths = [5, 9_000_000, bytes.length];
  const digests = lengths.map(() => thread.digest(file.fd, "sha256"));
  const all = await Promise.all(digests.map((digest, index) => digest.at(lengths[index] ?? 0)));
  expect(all).toEqual(lengths.map((length) => expected("sha256", length)));
  await Promise.all(digests.map((digest) => digest.close()));
});

test.each([2_000, 5_000_000])(
  "DigestThread fails for a file shorter than %i bytes, and continues with others",
  async (length) => {
    await using folder = await tempDirectory();
    await writeFile(folder.join("f"), bytes);
    await using thread = new DigestThread();
    await using file = await open(folder.join("f"), "r+");
    const [short, whole] = [thread.digest(file.fd, "sha256"), thread.digest(file.fd, "sha256")];
    await truncate(folder.join("f"), 1_000);
    await expect(short.at(length)).rejects.toThrow(/ends at byte 1000/);
    expect(await whole.at(1_000)).toBe(expected("sha256", 1_000));
    await short.close();
    await whole.close();
  },
);

test("DigestThread closes a digest without waiting for the whole file, and disposal rejects what still waits", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("f"), bytes);
  await using file = await open(folder.join("f"), "r");
  const thread = new DigestThread();
  const digest = thread.digest(file.fd, "sha256");
  digest.advanceTo(bytes.length);
  await digest.close();
  expect(digest.latest?.bytes ?? 0).toBeLessThan(bytes.length);
  await expect(digest.at(bytes.length)).rejects.toThrow("The digest was closed");
  const waiting = thread.digest(file.fd, "sha256").at(bytes.length);
  await Promise.all([expect(waiting).rejects.toThrow(/was ended/), thread[Symbol.asyncDispose]()]);
});

test("FileDigest rejects what still waits when it is closed", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("f"), bytes);
  await using thread = new DigestThread();
  await using file = await open(folder.join("f"), "r");
  const digest = thread.digest(file.fd, "sha256");
  const waiting = digest.at(bytes.length);
  await Promise.all([expect(waiting).rejects.toThrow("The digest was closed"), digest.close()]);
});

const worker = new URL("../../src/files/digest-worker.cjs", import.meta.url);

/** The thread, which runs this code at the message of that number, instead of answering it. */
function failingAt(message: number, code: string): () => Worker {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    let count = 0;
    parentPort.prependListener("message", (request) => { if (++count === ${message}) { ${code} } });
    require(workerData);`;
  return () => new Worker(script, { eval: true, workerData: fileURLToPath(worker) });
}

describe.each<readonly [name: string, start: () => Worker]>([
  [
    "cannot be made",
    () => {
      throw new TypeError("Invalid URL");
    },
  ],
  ["has no code", () => new Worker(new URL("not-there.cjs", worker))],
  ["is something else, which ends", () => new Worker("", { eval: true })],
  ["throws at once", () => new Worker("throw new Error('no')", { eval: true })],
  [
    "is not understood",
    () => new Worker("require('node:worker_threads').parentPort.on('message', () => process.exit(1))", { eval: true }),
  ],
  ["dies before it answers", failingAt(2, "process.exit()")],
  ["dies in the middle", failingAt(3, "process.exit()")],
  ["throws in the middle", failingAt(3, "throw new Error('no')")],
  ["runs out of memory in the middle", failingAt(3, "const all = []; for (;;) all.push(new Array(1e6).fill(0.5));")],
  [
    "takes no message",
    () =>
      Object.assign(new Worker(worker), {
        postMessage() {
          throw new DOMException("could not be cloned", "DataCloneError");
        },
      }),
  ],
  [
    "takes one message only",
    () => {
      let count = 0;
      const thread = new Worker(worker);
      const post = thread.postMessage.bind(thread);
      return Object.assign(thread, {
        postMessage(message: unknown) {
          if (++count > 1) throw new DOMException("could not be cloned", "DataCloneError");
          post(message);
        },
      });
    },
  ],
  ["has other descriptors", failingAt(1, "request.ino++")],
  ["cannot read", failingAt(1, "request.fd = 1e6")],
])("DigestThread with a thread that %s", (_name, start) => {
  test("hashes in place", async () => {
    await using folder = await tempDirectory();
    await writeFile(folder.join("f"), bytes);
    await using thread = new DigestThread(start);
    await using file = await open(folder.join("f"), "r");
    const digests = [0, 1_000].map((from) => thread.digest(file.fd, "sha256", from));
    const all = await Promise.all(digests.map((digest, index) => digest.at(bytes.length - index * 1_000)));
    expect(all).toEqual([0, 1_000].map((from) => sha256(bytes.subarray(from))));
    expect(await thread.digestOf(file.fd, "md5", { bytes: bytes.length, signal: AbortSignal.timeout(30_000) })).toBe(
      expected("md5", bytes.length),
    );
    await Promise.all(digests.map((digest) => digest.close()));
  });

  test("still fails for a file that is too short", async () => {
    await using folder = await tempDirectory();
    await writeFile(folder.join("f"), bytes);
    await using thread = new DigestThread(start);
    await using file = await open(folder.join("f"), "r");
    const digest = thread.digest(file.fd, "sha256");
    await expect(digest.at(bytes.length + 1)).rejects.toThrow(/ends at byte 20971533/);
    await digest.close();
  });
});

test("DigestThread lets the event loop run while it hashes in place", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("f"), bytes);
  await using thread = new DigestThread(() => {
    throw new Error("no threads here");
  });
  await using file = await open(folder.join("f"), "r");
  const digest = thread.digest(file.fd, "sha256");
  let turns = 0;
  let isRunning = true;
  const turn = (): unknown => isRunning && ++turns && setImmediate(turn);
  turn();
  await digest.at(bytes.length);
  isRunning = false;
  expect(turns).toBeGreaterThan(bytes.length / 1_048_576);
  await digest.close();
});

test("DigestThread closes a digest without waiting for what is hashed in place", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("f"), bytes);
  await using thread = new DigestThread(failingAt(4, "process.exit()"));
  await using file = await open(folder.join("f"), "r");
  const digest = thread.digest(file.fd, "sha256");
  const abort = new AbortController();
  const waiting = digest.at(bytes.length, abort.signal);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await digest.close();
  expect(digest.latest?.bytes ?? 0).toBeLessThan(bytes.length);
});
