import { fstatSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { DigestAlgorithm } from "./checksum.ts";
import { FileDigest } from "./file-digest.ts";
import { FileHasher } from "./file-hasher.ts";

/** What the thread that computes digests is asked to do. */
export type DigestRequest =
  | {
      readonly type: "open";
      readonly id: number;
      readonly fd: number;
      readonly algorithm: string;
      readonly start: number;
      /** Device of the file that `fd` is. */
      readonly dev: bigint;
      /** Its number there. */
      readonly ino: bigint;
    }
  | { readonly type: "advance"; readonly id: number; readonly to: number }
  | { readonly type: "close"; readonly id: number };

/** What it answers, once for each `advance`: the digest of the first `to` bytes, or that it cannot compute it. */
export type DigestReply =
  | { readonly type: "digest"; readonly id: number; readonly hex: string }
  | { readonly type: "failed"; readonly id: number };

/** A part of a file to hash. */
export interface FilePart {
  /** @defaultValue 0 */
  readonly start?: number;
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** Up to here a file is hashed in place: that is done before a thread has started … */
const threadlessBytes = 8_388_608;
/** … until that much was hashed in place in all that a thread would have been worth its start. */
const threadlessBytesInAll = 16_777_216;

function startWorker(): Worker {
  // Bundlers find the file by these words and copy it. Not within "new Worker(…)", of which webpack 5.113 makes a syntax
  // error.
  const code = new URL("./digest-worker.cjs", import.meta.url);
  return new Worker(code, {
    name: "carrel-digest",
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  });
}

/**
 * Computes digests of files while they are written, in a thread that starts with the first file that is large enough to
 * be worth it. Where no thread can start, or it ends, or cannot read the files of this one, the rest is hashed in place:
 * slower, with the same result. Dispose to end it.
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
   * The digest of a file that is open for reading at `fd`, from the byte `start` on. The file must stay open until the
   * digest is closed.
   */
  digest(fd: number, algorithm: DigestAlgorithm, start: number = 0): FileDigest {
    const id = this.#nextId++;
    // Kept while the thread hashes: from where it stands the rest is hashed in place if the thread is lost.
    const inPlace = new FileHasher(fd, algorithm, start);
    let where: "here yet" | "thread" | "here for good" = "here yet";
    const digest: FileDigest = new FileDigest({
      algorithm,
      advance: async (to, signal) => {
        if (where === "here yet" && this.#isWorthAThread(to)) {
          where = this.#open({ id, fd, algorithm, start }) ? "thread" : "here for good";
        }
        if (where === "thread") {
          const hex = await this.#ask(id, to);
          if (hex !== undefined) return hex;
          where = "here for good";
        }
        signal.throwIfAborted();
        this.#hashedInPlace += to - (digest.latest?.bytes ?? 0);
        return await inPlace.advance(to, signal);
      },
      close: () => {
        if (this.#digests.delete(digest) && where === "thread") this.#send({ type: "close", id });
      },
    });
    this.#digests.add(digest);
    if (this.#end !== undefined) digest.end(this.#end);
    return digest;
  }

  /** The digest of a part of an open file. After an abort it lets go of the file before it rejects. */
  async digestOf(fd: number, algorithm: DigestAlgorithm, part: FilePart): Promise<string> {
    const digest = this.digest(fd, algorithm, part.start);
    try {
      return await digest.at(part.bytes, part.signal);
    } finally {
      await digest.close();
    }
  }

  #isWorthAThread(to: number): boolean {
    return this.#isUsable && (to > threadlessBytes || this.#hashedInPlace >= threadlessBytesInAll);
  }

  /** Returns whether the thread will get to know the file. */
  #open(file: Omit<Extract<DigestRequest, { type: "open" }>, "type" | "dev" | "ino">): boolean {
    try {
      const { dev, ino } = fstatSync(file.fd, { bigint: true });
      return this.#send({ type: "open", ...file, dev, ino });
    } catch {
      return false;
    }
  }

  /** The thread's digest of the first `to` bytes; `undefined` where it has none. */
  async #ask(id: number, to: number): Promise<string | undefined> {
    const answer = Promise.withResolvers<string | undefined>();
    this.#answers.set(id, answer);
    if (!this.#send({ type: "advance", id, to })) this.#answer(id, undefined);
    return await answer.promise;
  }

  /** Returns whether the thread will get it. Starts the thread. */
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

  /** From now on all is hashed in place. */
  #lose(): void {
    this.#isUsable = false;
    for (const id of this.#answers.keys()) this.#answer(id, undefined);
    // One that does not understand us, or is not understood, must not keep the process alive.
    this.#worker?.terminate().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= new Error("The thread that computes digests was ended");
    for (const digest of this.#digests) digest.end(this.#end);
    this.#lose();
    await this.#worker?.terminate();
  }
}
