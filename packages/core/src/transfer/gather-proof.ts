import type { ChecksumAlgorithm } from "../gen/models.gen.ts";
import { PrepareError, SessionLostError } from "../errors/session-errors.ts";
import { TransferError } from "../errors/transfer-errors.ts";
import { FileProof } from "./file-proof.ts";
import type { ArchiveJudge, ProofOptions } from "./file-proof.ts";
import type { ItemSource, SourceFile } from "./item-source.ts";
import { ManifestCheck } from "./manifest-check.ts";
import type { DigestBytes } from "./manifest-check.ts";
import { quote } from "./names.ts";

/**
 * A file whose bytes are to be compared, and what the platform contributes.
 *
 * @private Does not follow semantic versioning.
 */
export interface FileToProve {
  readonly source: ItemSource;
  readonly fileName: string;
  readonly options: ProofOptions;
  readonly signal: AbortSignal;
  readonly digestOf: DigestBytes;
  /** The digests to compute where the server states its checksum only in the end, if at all. */
  readonly late: readonly ChecksumAlgorithm[];
  /** Begins to judge an archive by its own content; absent where the platform cannot. */
  readonly createArchive?: () => ArchiveJudge;
  /** Fetches a manifest, and hands it to the check. */
  readonly fetchManifest: (name: string, manifest: ManifestCheck) => Promise<void>;
}

/**
 * Finds out what the bytes of a file can be compared with: the server's checksum, and the item's manifests, which are fetched.
 *
 * @private Does not follow semantic versioning.
 */
export async function gatherProof(
  { source, fileName, options, signal, digestOf, late, createArchive, fetchManifest }: FileToProve,
  files: readonly SourceFile[],
): Promise<FileProof> {
  const names = files.map(({ name }) => name);
  // For a file that the session does not list, the server itself states why it does not serve it.
  const file = files.find(({ name }) => name === fileName) ?? unlisted(fileName);
  const manifest = new ManifestCheck(names.includes(fileName) ? names : [], digestOf);
  if (!manifest.names.includes(fileName)) {
    const fetchOne = async (name: string): Promise<void> => {
      try {
        await fetchManifest(name, manifest);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SessionLostError) throw error;
        manifest.unavailable(name);
      }
    };
    await Promise.all(manifest.names.map(fetchOne));
  }
  const claims = await manifest.claimsOf(fileName);
  return new FileProof({ source, file, manifest, claims, options, late, createArchive });
}

function unlisted(name: string): SourceFile {
  return { name, sizeBytes: undefined, checksum: undefined, contentVersion: "" };
}

/**
 * Replaces a refusal to prepare a file by the error that the item has no such file, where that is the reason.
 *
 * @private Does not follow semantic versioning.
 */
export async function explainMissing(
  error: unknown,
  fileName: string,
  listed: Promise<readonly SourceFile[]> | undefined,
): Promise<unknown> {
  if (!(error instanceof PrepareError)) return error;
  const names = (await listed?.catch(() => undefined))?.map(({ name }) => name);
  if (names === undefined || names.includes(fileName)) return error;
  const some = names.slice(0, 10).map((name) => quote(name));
  const rest = names.length > some.length ? ` and ${names.length - some.length} more` : "";
  return new TransferError(
    `The item has no file ${quote(fileName)}: ${names.length === 0 ? "it has none" : `it has ${some.join(", ")}${rest}`}`,
    { problem: "no-match", retryable: false, cause: error },
  );
}
