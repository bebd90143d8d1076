import { fstatSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { DigestAlgorithm } from "@carrel/core/transfer";
import { FileDigest } from "./file-digest.ts";
import { FileHasher } from "./file-hasher.ts";

/** A request to the thread that computes digests. */
export type DigestRequest =
  | {
      readonly type: "open";
      readonly id: number;
      readonly fd: number;
      readonly algorithm: string;
      readonly start: number;
      /** Device of the file at `fd`, which tells whether the thread has the same file there. */
      readonly dev: bigint;
      /** Number of the file on its device. */
      readonly ino: bigint;
    }
  | { readonly type: "advance"; readonly id: number; readonly to: number }
  | { readonly type: "close"; readonly id: number };

/** The reply to each `advance`: the digest of the first `to` bytes, or that the thread cannot compute it. */
export type DigestReply =
  | { readonly type: "digest"; readonly id: number; readonly hex: string }
  | { readonly type: "failed"; readonly id: number };

/**
 * A part of a file to hash.
 *
 * @private Does not follow semantic versioning.
 */
export interface FilePart {
  /** @defaultValue 0 */
  readonly start?: number;
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** Smaller files are hashed in place: that takes less time than to start a thread … */
const maxBytesInPlace = 8_388_608;
/** … until this much was hashed in place in all, which a thread would have been worth. */
const maxBytesInPlaceInAll = 16_777_216;

function startWorker(): Worker {
  // Bundlers find the file by this expression and copy it. Not inside "new Worker(…)", which webpack 5.113 turns into a
  // syntax error.
  const code = new URL("./digest-worker.cjs", import.meta.url);
  return new Worker(code, {
    name: "carrel-digest",
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  });
}

/**
 * Computes digests of files while they are written, in a thread that starts with the first file that is large enough to be
 * worth it. If no thread can start, or it ends, or cannot read the files of this thread, the rest is hashed in place: slower,
 * with the same result. Disposal ends the thread.
 *
 * @private Does not follow semantic versioning.
 */
export class DigestThread {
  readonly #startWorker: () => Worker;
  readonly #digests = new Set<FileDigest>();
  readonly #answers = new Map<number, PromiseWithResolvers<string | undefined>>();
  #worker: Worker | undefined;
  #isUsable = true;
  #nextId = 1;
  #hashedInPlace = 0;
  #end: Error | undefined;

  constructor(start: () => Worker = startWorker) {
    this.#startWorker = start;
  }

  /**
   * Begins the digest of a file that is open for reading at `fd`, from the byte `start`. The file must stay open until the digest
   * is closed.
   */
  digest(fd: number, algorithm: DigestAlgorithm, start: number = 0): FileDigest {
    const id = this.#nextId++;
    // Kept while the thread hashes: if the thread is lost, the file is hashed in place.
    const inPlace = new FileHasher(fd, algorithm, start);
    let mode: "in place so far" | "in thread" | "in place" = "in place so far";
    const digest: FileDigest = new FileDigest({
      algorithm,
      advance: async (to, signal) => {
        if (mode === "in place so far" && this.#isWorthAThread(to)) {
          mode = this.#open({ id, fd, algorithm, start }) ? "in thread" : "in place";
        }
        if (mode === "in thread") {
          const hex = await this.#ask(id, to);
          if (hex !== undefined) return hex;
          mode = "in place";
        }
        signal.throwIfAborted();
        this.#hashedInPlace += to - (digest.latest?.bytes ?? 0);
        return await inPlace.advance(to, signal);
      },
      close: () => {
        if (this.#digests.delete(digest) && mode === "in thread") this.#send({ type: "close", id });
      },
    });
    this.#digests.add(digest);
    if (this.#end !== undefined) digest.end(this.#end);
    return digest;
  }

  /** Returns the digest of a part of an open file. After an abort it rejects once it no longer reads the file. */
  async digestOf(fd: number, algorithm: DigestAlgorithm, part: FilePart): Promise<string> {
    const digest = this.digest(fd, algorithm, part.start);
    try {
      return await digest.at(part.bytes, part.signal);
    } finally {
      await digest.close();
    }
  }

  #isWorthAThread(to: number): boolean {
    return this.#isUsable && (to > maxBytesInPlace || this.#hashedInPlace >= maxBytesInPlaceInAll);
  }

  /** Tells the thread about a file. Returns whether that can be done. */
  #open(file: Omit<Extract<DigestRequest, { type: "open" }>, "type" | "dev" | "ino">): boolean {
    try {
      const { dev, ino } = fstatSync(file.fd, { bigint: true });
      return this.#send({ type: "open", ...file, dev, ino });
    } catch {
      return false;
    }
  }

  /** Asks the thread for the digest of the first `to` bytes; `undefined` if it has none. */
  async #ask(id: number, to: number): Promise<string | undefined> {
    const answer = Promise.withResolvers<string | undefined>();
    this.#answers.set(id, answer);
    if (!this.#send({ type: "advance", id, to })) this.#answer(id, undefined);
    return await answer.promise;
  }

  /** Sends a request, and starts the thread for the first one. Returns whether it was sent. */
  #send(request: DigestRequest): boolean {
    if (!this.#isUsable) return false;
    try {
      this.#worker ??= this.#start();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage(request);
      return true;
    } catch {
      this.#lose();
      return false;
    }
  }

  #start(): Worker {
    const worker = this.#startWorker();
    worker.on("message", (reply: DigestReply) =>
      this.#answer(reply.id, reply.type === "digest" ? reply.hex : undefined),
    );
    for (const event of ["messageerror", "error", "exit"]) worker.on(event, () => this.#lose());
    return worker;
  }

  #answer(id: number, hex: string | undefined): void {
    this.#answers.get(id)?.resolve(hex);
    this.#answers.delete(id);
  }

  /** Gives the thread up: from now on everything is hashed in place. */
  #lose(): void {
    this.#isUsable = false;
    for (const id of this.#answers.keys()) this.#answer(id, undefined);
    // A thread that cannot be understood must not keep the process alive.
    this.#worker?.terminate().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= new Error("The thread that computes digests was ended");
    for (const digest of this.#digests) digest.end(this.#end);
    this.#lose();
    await this.#worker?.terminate();
  }
}
