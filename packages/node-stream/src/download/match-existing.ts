import { IntegrityError } from "@carrel/core";
import type { Digest, ManifestCheck } from "@carrel/core/transfer";
import { existsError } from "../sink/disk-existing-file.ts";
import type { ExistingFile, RecordedVerdict } from "../sink/sink.ts";
import { contradicted } from "@carrel/core/transfer";
import { verifyArchive } from "./verification.ts";
import type { Verdict } from "./verification.ts";

/** An existing file that is the one on the server, and how that is known. */
export interface Match extends Verdict {
  readonly sizeBytes: number;
  readonly digest: Digest;
}

/** What is stated about the file that is to have the name. */
export interface ServerFile {
  readonly name: string;
  /** The length and the checksum that the server states now. */
  readonly sizeBytes: number | undefined;
  readonly checksum: Digest | undefined;
  readonly manifest: ManifestCheck;
  /** What to do if a manifest contradicts the file. */
  readonly onContradiction: "check" | "report";
  /** Reads the record of an earlier run about this content. */
  readonly record: () => Promise<RecordedVerdict | undefined>;
  readonly signal: AbortSignal;
}

/**
 * Decides whether an existing file is the one on the server, by what the server and the manifests state now. `undefined` if
 * they state nothing by which it could be recognised: then the file is downloaded again and compared.
 *
 * A record of an earlier run proves nothing. But if the server states the length alone, a file that was whole by its record
 * is not downloaded again; it counts as verified by its length, whatever it was compared with in that run. An OVA archive is
 * compared with the manifests inside it as well.
 *
 * @throws {@link TransferError} `TRANSFER`, `exists`: it is another file.
 * @throws {@link IntegrityError} `INTEGRITY`: it has the server's checksum, or is as a manifest states, and another
 * manifest contradicts it.
 */
export async function matchExisting(existing: ExistingFile, file: ServerFile): Promise<Match | undefined> {
  const match = await matchWhole(existing, file);
  return match && matchArchive(existing, match, file);
}

async function matchWhole(existing: ExistingFile, file: ServerFile): Promise<Match | undefined> {
  const { name, checksum, manifest, signal } = file;
  const { sizeBytes, location: path } = existing;
  const different = "already exists and differs from the file on the server";
  if (checksum !== undefined && !(await existing.has(checksum, signal))) throw existsError(path, different);
  const claims = await manifest.claimsOf(name);
  for (const claim of claims) {
    if (await existing.has(claim.digest, signal)) continue;
    if (checksum === undefined) {
      // Without a checksum only another download shows whether the file or the manifest is wrong.
      if (file.onContradiction === "report") return undefined;
      throw existsError(path, different);
    }
    const actual = await existing.digest(claim.digest.algorithm, signal);
    if (file.onContradiction === "check") throw contradicted(name, claim, actual, true);
    await manifest.contradicted(claim);
  }
  const stated = checksum ?? claims[0]?.digest;
  if (file.sizeBytes !== undefined && file.sizeBytes !== sizeBytes) {
    // Lengths are certain only after a download, and a file with the right digest is worth one.
    if (stated !== undefined) return undefined;
    throw existsError(path, `already exists with ${sizeBytes} bytes, and the file on the server has ${file.sizeBytes}`);
  }
  if (stated !== undefined) {
    return { sizeBytes, verifiedBy: checksum === undefined ? "manifest" : "checksum", digest: stated };
  }
  return file.sizeBytes === undefined ? undefined : matchRecord(existing, file);
}

/** Recognises a file of the right length that an earlier run verified. */
async function matchRecord(
  existing: ExistingFile,
  { record: readRecord, signal }: ServerFile,
): Promise<Match | undefined> {
  const { sizeBytes } = existing;
  const record = await readRecord();
  const wasWhole = record?.verifiedBy !== undefined && record.bytes === sizeBytes;
  if (!wasWhole || !(await existing.has(record.digest, signal))) return undefined;
  return { sizeBytes, verifiedBy: "length", digest: record.digest };
}

async function matchArchive(existing: ExistingFile, match: Match, file: ServerFile): Promise<Match | undefined> {
  const { verifiedBy } = match;
  const onContradiction = file.onContradiction === "report" ? "report" : "error";
  try {
    return { ...match, ...(await verifyArchive(file.name, existing, { verifiedBy, onContradiction }, file.signal)) };
  } catch (error) {
    // If only its length vouches for the file, another download shows whether the file or the manifest is wrong.
    if (error instanceof IntegrityError && verifiedBy === "length") return undefined;
    throw error;
  }
}
