/**
 * Runs in a thread of its own: computes digests of files while they are being written, so that hashing never holds up
 * the thread that reads the socket. It reads what was written back from the file, which the system still holds in
 * memory; so the digest is of what is in the file, and not of what was meant to be there.
 */
import { parentPort } from "node:worker_threads";
import { FileHasher } from "./file-hasher.ts";

/** What the thread is asked to do. */
export type DigestRequest =
  | {
      readonly type: "open";
      readonly id: number;
      readonly fd: number;
      readonly algorithm: string;
      readonly start: number;
    }
  | { readonly type: "advance"; readonly id: number; readonly to: number }
  | { readonly type: "close"; readonly id: number };

/** What it answers, once for each `advance`: the digest of the first `bytes` bytes. */
export type DigestReply =
  | { readonly type: "digest"; readonly id: number; readonly bytes: number; readonly hex: string }
  | { readonly type: "failed"; readonly id: number; readonly error: Error };

const files = new Map<number, FileHasher>();

function answer(request: DigestRequest): DigestReply | undefined {
  const { id } = request;
  if (request.type === "open") files.set(id, new FileHasher(request.fd, request.algorithm, request.start));
  if (request.type === "close") files.delete(id);
  const file = files.get(id);
  if (request.type !== "advance" || file === undefined) return undefined;
  try {
    return { type: "digest", id, hex: file.advance(request.to), bytes: request.to };
  } catch (error) {
    return { type: "failed", id, error: error as Error };
  }
}

parentPort?.on("message", (request: DigestRequest) => {
  const reply = answer(request);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  if (reply !== undefined) parentPort?.postMessage(reply);
});
