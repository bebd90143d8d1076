import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { FileDigest } from "./file-digest.ts";
import type { DigestAlgorithm } from "./digest-algorithm.ts";
import { FileHasher } from "./file-hasher.ts";
import type { DigestReply, DigestRequest } from "./digest-worker.ts";

/** A part of a file to hash. */
export interface FilePart {
  /** @defaultValue 0 */
  readonly start?: number;
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** Up to here a file is hashed where we are: that is done before a thread has started … */
const threadlessBytes = 8_388_608;
/** … until so much was hashed here in all that a thread would have been worth its start. */
const threadlessBytesInAll = 16_777_216;

/**
 * Computes digests of files while they are written, in a thread that starts with the first file that is large enough to
 * be worth it. Dispose to end it.
 */
export class DigestThread {
  #worker: Worker | undefined;
  #failure: Error | undefined;
  #nextId = 1;
  #hashedHere = 0;
  readonly #digests = new Map<number, FileDigest>();

  /**
   * The digest of a file that is open for reading at `fd`, from the byte `start` on. The file must stay open until the
   * digest is closed.
   */
  digest(fd: number, algorithm: DigestAlgorithm, start: number = 0): FileDigest {
    const id = this.#nextId++;
    let here: FileHasher | undefined = new FileHasher(fd, algorithm, start);
    const digest: FileDigest = new FileDigest({
      algorithm,
      advance: (to) => {
        if (here !== undefined && to <= threadlessBytes && this.#hashedHere < threadlessBytesInAll) {
          this.#hashedHere += to - (digest.latest?.bytes ?? 0);
          advanceHere(digest, here, to);
          return;
        }
        if (here !== undefined) this.#send({ type: "open", id, fd, algorithm, start });
        here = undefined;
        this.#send({ type: "advance", id, to });
      },
      onClose: () => {
        this.#digests.delete(id);
        if (here === undefined) this.#send({ type: "close", id });
      },
    });
    this.#digests.set(id, digest);
    if (this.#failure !== undefined) digest.failed(this.#failure);
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

  #send(request: DigestRequest): void {
    if (this.#failure !== undefined) return;
    this.#worker ??= this.#start();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    // The same folder holds the thread's code: .ts where the source is run as it is, .js where it was compiled.
    const code = new URL(`./digest-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
    const worker = new Worker(code, {
      name: "carrel-digest",
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
    });
    worker.on("message", (reply: DigestReply) => {
      const digest = this.#digests.get(reply.id);
      if (reply.type === "digest") digest?.reached(reply.bytes, reply.hex);
      else digest?.failed(reply.error);
    });
    worker.on("error", (error) => this.#fail(error as Error));
    worker.on("exit", () => this.#fail(new Error("The thread that computes digests ended.")));
    return worker;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const digest of this.#digests.values()) digest.failed(this.#failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#fail(new Error("The thread that computes digests was ended."));
    await worker?.terminate();
  }
}

function advanceHere(digest: FileDigest, hasher: FileHasher, to: number): void {
  try {
    digest.reached(to, hasher.advance(to));
  } catch (error) {
    digest.failed(error as Error);
  }
}
