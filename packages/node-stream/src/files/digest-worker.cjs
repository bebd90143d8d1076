// @ts-check
// Runs in a thread of its own: computes digests of files while they are written, so that hashing does not delay the thread
// that reads the socket. It reads back what was written, which the system still holds in memory, so that the digest is of what
// is in the file, and not of what was meant to be there.
//
// One file that neither imports nor requires anything: bundlers copy it as it is, and it may be run as either kind of module.
const { createHash } = process.getBuiltinModule("node:crypto");
const { fstatSync, readSync } = process.getBuiltinModule("node:fs");
const { parentPort } = process.getBuiltinModule("node:worker_threads");

/** @typedef {import("./digest-thread.ts").DigestRequest} DigestRequest */
/** @typedef {import("./digest-thread.ts").DigestReply} DigestReply */

const block = Buffer.allocUnsafeSlow(262_144);
/** @type {Map<number, { fd: number, start: number, bytes: number, hash: import("node:crypto").Hash }>} */
const files = new Map();

/** @param {Extract<DigestRequest, { type: "open" }>} request */
function open({ id, fd, algorithm, start, dev, ino }) {
  // Descriptors are not shared on every runtime: here it may be invalid, or another file.
  const stats = fstatSync(fd, { bigint: true });
  if (stats.dev !== dev || stats.ino !== ino) return;
  files.set(id, { fd, start, bytes: 0, hash: createHash(algorithm) });
}

/** @param {Extract<DigestRequest, { type: "advance" }>} request */
function advance({ id, to }) {
  const file = files.get(id);
  if (file === undefined) throw new Error("The file is not open in this thread");
  while (file.bytes < to) {
    const wanted = Math.min(block.length, to - file.bytes);
    const length = readSync(file.fd, block, 0, wanted, file.start + file.bytes);
    if (length === 0) throw new Error("The file is shorter");
    file.hash.update(block.subarray(0, length));
    file.bytes += length;
  }
  return file.hash.copy().digest("hex");
}

/** @param {DigestRequest} request */
function answer(request) {
  const { type, id } = request;
  try {
    if (type === "open") open(request);
    else if (type === "close") files.delete(id);
    else reply({ type: "digest", id, hex: advance(request) });
  } catch {
    // The thread that asked hashes the file in place, and meets the reason itself.
    files.delete(id);
    if (type === "advance") reply({ type: "failed", id });
  }
}

/** @param {DigestReply} message */
function reply(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(message);
}

parentPort?.on("message", answer);
