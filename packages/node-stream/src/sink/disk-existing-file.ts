import { open, readdir } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { TransferError } from "@carrel/core";
import type { Digest, DigestAlgorithm } from "@carrel/core/transfer";
import type { DigestThread, FilePart } from "../files/digest-thread.ts";
import { onDisk, systemCode } from "../files/fs-error.ts";
import { quote } from "@carrel/core/transfer";
import { readAtOnce } from "../files/plain-file.ts";
import { kindOf, statOf } from "../files/stat.ts";
import type { FileKind } from "../files/stat.ts";
import type { ExistingFile } from "./sink.ts";

/** A file that already has the final name, open for reading. */
export class DiskExistingFile implements ExistingFile {
  readonly location: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #digests: DigestThread;
  readonly #known = new Map<DigestAlgorithm, string>();

  private constructor(path: string, handle: FileHandle, sizeBytes: number, digests: DigestThread) {
    this.location = path;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
    this.#digests = digests;
  }

  /**
   * Opens the file at a path, also behind a symbolic link; `undefined` if none exists.
   *
   * @throws {@link TransferError} `TRANSFER`, `obstacle`: it is not a file; `disk`: it cannot be read.
   */
  static async open(path: string, digests: DigestThread): Promise<DiskExistingFile | undefined> {
    const handle = await openExisting(path);
    if (handle === undefined) return undefined;
    const { size } = await handle.stat();
    return new DiskExistingFile(path, handle, size, digests);
  }

  /** Returns whether the file has this digest. Reads it once for each algorithm. */
  async has({ algorithm, hex }: Digest, signal: AbortSignal): Promise<boolean> {
    return (await this.digest(algorithm, signal)) === hex;
  }

  async digest(algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string> {
    const hex = this.#known.get(algorithm) ?? (await this.digestOf(algorithm, { bytes: this.sizeBytes, signal }));
    this.#known.set(algorithm, hex);
    return hex;
  }

  async digestOf(algorithm: DigestAlgorithm, part: FilePart): Promise<string> {
    return this.#digests.digestOf(this.#handle.fd, algorithm, part);
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(new Uint8Array(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** Fails if a file already has the final name. */
export async function assertAbsent(path: string): Promise<void> {
  const handle = await openExisting(path);
  await handle?.close();
  if (handle !== undefined) throw existsError(path, "already exists");
}

/** Fails if a different file took the final name during the download. */
export async function assertReplaceable(
  path: string,
  downloaded: {
    readonly sizeBytes: number;
    readonly digest: Digest;
    readonly digests: DigestThread;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const opened = await DiskExistingFile.open(path, downloaded.digests);
  if (opened === undefined) return;
  await using existing = opened;
  const { sizeBytes, digest, signal } = downloaded;
  const isSame = existing.sizeBytes === sizeBytes && (await existing.has(digest, signal));
  if (!isSame) throw existsError(path, "appeared during the download and differs from the downloaded file");
}

/** Creates the error for an existing file that must not be replaced. */
export function existsError(path: string, reason: string): TransferError {
  return new TransferError(`${quote(path)} ${reason}`, { problem: "exists", path, retryable: false });
}

/** Fails if something that is not a file has the name that a file is to get. A symbolic link to a file counts as a file. */
export async function assertNoObstacle(path: string): Promise<void> {
  const existing = await statOf(path);
  if (existing !== undefined && existing.kind !== "file") throw obstacleError(path, existing.kind);
}

/** Returns whether a directory contains anything that is not a file, which may be an obstacle. Opens nothing. */
export async function containsObstacles(directory: string): Promise<boolean> {
  // A missing directory contains nothing; one that cannot be read is reported when it is written to.
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isFile()) continue;
    if (!entry.isSymbolicLink()) return true;
    const target = await statOf(join(directory, entry.name)).catch(() => undefined);
    if (target !== undefined && target.kind !== "file") return true;
  }
  return false;
}

function obstacleError(path: string, kind: FileKind): TransferError {
  return new TransferError(`Cannot write ${quote(path)}: a ${kind} with that name exists`, {
    problem: "obstacle",
    path,
    retryable: false,
  });
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  return onDisk("read", path, async () => {
    const handle = await open(path, readAtOnce).catch(ignoreMissing);
    const kind = handle && kindOf(await handle.stat());
    if (kind === undefined || kind === "file") return handle;
    await handle?.close();
    throw obstacleError(path, kind);
  });
}

function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) !== "ENOENT") throw error;
}
