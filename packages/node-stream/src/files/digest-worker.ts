/**
 * Runs in a thread of its own: computes digests of files while they are being written, so that hashing never holds up
 * the thread that reads the socket. It reads what was written back from the file, which the system still holds in
 * memory; so the digest is of what is in the file, and not of what was meant to be there.
 */
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { readSync } from "node:fs";
import { parentPort } from "node:worker_threads";

/** What the thread is asked to do. */
export type DigestRequest =
  | { readonly type: "open"; readonly id: number; readonly fd: number; readonly algorithm: string }
  | { readonly type: "advance"; readonly id: number; readonly to: number }
  | { readonly type: "close"; readonly id: number };

/** What it answers, once for each `advance`: the digest of the first `bytes` bytes. */
export type DigestReply =
  | { readonly type: "digest"; readonly id: number; readonly bytes: number; readonly hex: string }
  | { readonly type: "failed"; readonly id: number; readonly error: Error };

interface OpenFile {
  readonly fd: number;
  readonly hash: Hash;
  bytes: number;
}

const files = new Map<number, OpenFile>();
const block = Buffer.allocUnsafeSlow(262_144);

function advance(file: OpenFile, to: number): string {
  while (file.bytes < to) {
    const length = readSync(file.fd, block, 0, Math.min(block.length, to - file.bytes), file.bytes);
    if (length === 0) throw new Error(`The file ends at byte ${file.bytes}, ${to} were written.`);
    file.hash.update(block.subarray(0, length));
    file.bytes += length;
  }
  return file.hash.copy().digest("hex");
}

function answer(request: DigestRequest): DigestReply | undefined {
  const { id } = request;
  if (request.type === "open") {
    files.set(id, { fd: request.fd, hash: createHash(request.algorithm), bytes: 0 });
    return undefined;
  }
  if (request.type === "close") {
    files.delete(id);
    return undefined;
  }
  const file = files.get(id);
  if (file === undefined) return undefined;
  try {
    return { type: "digest", id, hex: advance(file, request.to), bytes: file.bytes };
  } catch (error) {
    return { type: "failed", id, error: error as Error };
  }
}

parentPort?.on("message", (request: DigestRequest) => {
  const reply = answer(request);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  if (reply !== undefined) parentPort?.postMessage(reply);
});
