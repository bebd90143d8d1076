import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { IntegrityError, TransferError } from "@carrel/core";
import type { Digest, DigestAlgorithm } from "../files/checksum.ts";
import type { DigestThread } from "../files/digest-thread.ts";
import { onDisk, systemCode } from "../files/fs-error.ts";
import { kindOf, readAtOnce } from "../files/stat.ts";
import { quote } from "../files/names.ts";
import type { ManifestCheck } from "./manifest-check.ts";
import { obstacle } from "./obstacles.ts";
import type { ResumeRecord } from "./resume-record.ts";
import { contradicted, lookInside } from "./verification.ts";
import type { Verdict } from "./verification.ts";

/** A file that already has the final name, open for reading. */
export class ExistingFile implements AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #digests: DigestThread;
  readonly #known = new Map<DigestAlgorithm, string>();

  private constructor(path: string, handle: FileHandle, sizeBytes: number, digests: DigestThread) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
    this.#digests = digests;
  }

  /**
   * Opens the file at a path; `undefined` if there is none.
   *
   * @throws {@link TransferError} `TRANSFER`, `obstacle`: it is not a file; `disk`: it cannot be read.
   */
  static async open(path: string, digests: DigestThread): Promise<ExistingFile | undefined> {
    const handle = await openPlainFile(path);
    if (handle === undefined) return undefined;
    const { size } = await handle.stat();
    return new ExistingFile(path, handle, size, digests);
  }

  /** Returns whether the file has this digest. Reads it once for each algorithm. */
  async has({ algorithm, hex }: Digest, signal: AbortSignal): Promise<boolean> {
    return (await this.digest(algorithm, signal)) === hex;
  }

  /** Computes the digest of the file. Reads it once for each algorithm. */
  async digest(algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string> {
    let hex = this.#known.get(algorithm);
    hex ??= await this.#digests.digestOf(this.#handle.fd, algorithm, { bytes: this.sizeBytes, signal });
    this.#known.set(algorithm, hex);
    return hex;
  }

  /** Computes the digest of a part of the file. */
  async digestOf(
    algorithm: DigestAlgorithm,
    part: { readonly start: number; readonly bytes: number; readonly signal: AbortSignal },
  ): Promise<string> {
    return this.#digests.digestOf(this.#handle.fd, algorithm, part);
  }

  /** Reads at a position; fewer bytes where the file ends. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(new Uint8Array(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** How a file that exists is known to be the right one. */
export interface Match extends Verdict {
  readonly sizeBytes: number;
  readonly digest: Digest;
}

interface Wanted {
  readonly name: string;
  /** The length and the checksum that the server states now. */
  readonly sizeBytes: number | undefined;
  readonly checksum: Digest | undefined;
  readonly manifest: ManifestCheck;
  /** What to do where the manifest contradicts the file. */
  readonly onContradiction: "check" | "report";
  /** The record of an earlier run about this content. */
  readonly earlier: () => Promise<ResumeRecord | undefined>;
  readonly signal: AbortSignal;
}

/**
 * Compares a file with what the server and the manifests state now. `undefined` where nothing is stated to know it by, so
 * that it is fetched again and compared.
 *
 * A record of an earlier run proves nothing. Where the server states the length alone, a file that the record says to
 * be whole need not be fetched again; it counts as compared by its length, whatever it was compared with in that run.
 * An OVA archive is compared with the manifests inside it as well.
 *
 * @throws {@link TransferError} `TRANSFER`: it is not the right one.
 * @throws {@link IntegrityError} `INTEGRITY`: it has the server's checksum, or is as a manifest states, and another
 * manifest contradicts it.
 */
export async function matchExisting(existing: ExistingFile, wanted: Wanted): Promise<Match | undefined> {
  const match = await matchWhole(existing, wanted);
  return match && matchInside(existing, match, wanted);
}

async function matchInside(existing: ExistingFile, match: Match, wanted: Wanted): Promise<Match | undefined> {
  const { name, onContradiction, signal } = wanted;
  const { sizeBytes } = existing;
  const archive = {
    name,
    sizeBytes,
    signal,
    read: existing.read.bind(existing),
    digestOf: async (algorithm: DigestAlgorithm, start: number, bytes: number): Promise<string> =>
      existing.digestOf(algorithm, { start, bytes, signal }),
  };
  const { verifiedBy } = match;
  try {
    const trust = { verifiedBy, onContradiction: onContradiction === "report" ? "report" : "error" } as const;
    return { ...match, ...(await lookInside(archive, trust)) };
  } catch (error) {
    // If only its length vouches for it, fetching it again shows whether the file or the manifest is wrong.
    if (error instanceof IntegrityError && verifiedBy === "length") return undefined;
    throw error;
  }
}

async function matchWhole(existing: ExistingFile, wanted: Wanted): Promise<Match | undefined> {
  const { name, checksum, manifest, signal } = wanted;
  const { sizeBytes, path } = existing;
  const another = (): TransferError => replaceError(path, "already exists and differs from the file on the server");
  if (checksum !== undefined && !(await existing.has(checksum, signal))) throw another();
  const claims = await manifest.claimsOf(name);
  for (const claim of claims) {
    if (await existing.has(claim.digest, signal)) continue;
    if (checksum === undefined) {
      // Without a checksum only fetching the file again shows which of them is wrong.
      if (wanted.onContradiction === "report") return undefined;
      throw another();
    }
    const actual = await existing.digest(claim.digest.algorithm, signal);
    if (wanted.onContradiction === "check") throw contradicted(name, claim, actual, true);
    await manifest.contradicted(claim);
  }
  const known = checksum ?? claims[0]?.digest;
  if (wanted.sizeBytes !== undefined && wanted.sizeBytes !== sizeBytes) {
    // Lengths are certain only after a download: a file with the right digest is worth one.
    if (known !== undefined) return undefined;
    throw replaceError(
      path,
      `already exists with ${sizeBytes} bytes, and the file on the server has ${wanted.sizeBytes}`,
    );
  }
  if (known !== undefined)
    return { sizeBytes, verifiedBy: checksum === undefined ? "manifest" : "checksum", digest: known };
  if (wanted.sizeBytes === undefined) return undefined;
  const record = await wanted.earlier();
  const wasWhole = record?.verifiedBy !== undefined && record.bytes === sizeBytes;
  if (!wasWhole || !(await existing.has(record.digest, signal))) return undefined;
  return { sizeBytes, verifiedBy: "length", digest: record.digest };
}

/** Fails if a file already has the final name. */
export async function assertAbsent(path: string): Promise<void> {
  const handle = await openPlainFile(path);
  await handle?.close();
  if (handle !== undefined) throw replaceError(path, "already exists");
}

/** Fails if a different file took the final name during the download. */
export async function assertReplaceable(
  path: string,
  wanted: {
    readonly sizeBytes: number;
    readonly digest: Digest;
    readonly digests: DigestThread;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const opened = await ExistingFile.open(path, wanted.digests);
  if (opened === undefined) return;
  await using existing = opened;
  const isSame = existing.sizeBytes === wanted.sizeBytes && (await existing.has(wanted.digest, wanted.signal));
  if (!isSame) throw replaceError(path, "appeared during the download and differs from the downloaded file");
}

/** Creates the error for an existing file that must not be replaced. */
function replaceError(path: string, reason: string): TransferError {
  return new TransferError(`${quote(path)} ${reason}`, {
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
