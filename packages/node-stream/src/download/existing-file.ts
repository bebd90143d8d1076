import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { TransferError } from "@carrel/core";
import type { Digest, DigestAlgorithm } from "../files/digest-algorithm.ts";
import type { DigestThread } from "../files/digest-thread.ts";
import { onDisk, systemCode } from "../files/fs-error.ts";
import { kindOf, readAtOnce } from "../files/stat.ts";
import { quote } from "../files/names.ts";
import { obstacle } from "./obstacles.ts";

/** A file that has the final name already, open for reading. */
export class ExistingFile implements AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #digests: DigestThread;
  readonly #seen = new Map<DigestAlgorithm, string>();

  private constructor(path: string, handle: FileHandle, sizeBytes: number, digests: DigestThread) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
    this.#digests = digests;
  }

  /**
   * Opens what has that name; `undefined` where nothing has.
   *
   * @throws {@link TransferError} `TRANSFER`: it is not a file, or it cannot be read.
   */
  static async open(path: string, digests: DigestThread): Promise<ExistingFile | undefined> {
    const handle = await openPlainFile(path);
    if (handle === undefined) return undefined;
    const { size } = await handle.stat();
    return new ExistingFile(path, handle, size, digests);
  }

  /** Whether the file has a digest. */
  async has({ algorithm, hex }: Digest, signal: AbortSignal): Promise<boolean> {
    return (await this.digest(algorithm, signal)) === hex;
  }

  /** The digest of the file. Reads it once for each algorithm. */
  async digest(algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string> {
    let seen = this.#seen.get(algorithm);
    seen ??= await this.#digests.digestOf(this.#handle.fd, algorithm, { bytes: this.sizeBytes, signal });
    this.#seen.set(algorithm, seen);
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** Refuses to begin where a file has the final name. */
export async function assertAbsent(path: string): Promise<void> {
  const handle = await openPlainFile(path);
  await handle?.close();
  if (handle !== undefined) throw inTheWay(path, "already, and files that exist were to be an error");
}

/** The refusal to replace a file. */
export function inTheWay(path: string, why: string): TransferError {
  return new TransferError(`There is a file ${quote(path)} ${why}. Move it away.`, {
    problem: "exists",
    path,
    retryable: false,
  });
}

async function openPlainFile(path: string): Promise<FileHandle | undefined> {
  return onDisk("read", path, async () => {
    const handle = await open(path, readAtOnce).catch(ignoreMissing);
    const kind = handle && kindOf(await handle.stat());
    if (kind === undefined || kind === "file") return handle;
    await handle?.close();
    throw obstacle(path, kind);
  });
}

function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) !== "ENOENT") throw error;
}
