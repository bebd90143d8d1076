import { IntegrityError } from "@carrel/core";
import type { ArchiveReport, IntegrityProblem, PackageNote, VerifiedBy } from "@carrel/core";
import { NotRecorded } from "../ovf/archive-recorder.ts";
import { checkOva } from "../ovf/check-ova.ts";
import type { OvaArchive, OvaTrust } from "../ovf/check-ova.ts";
import type { StoredBytes } from "../sink/stored-bytes.ts";

/** How a file is known to be whole. */
export interface Verdict {
  readonly verifiedBy: VerifiedBy;
  readonly archive?: ArchiveReport;
  /** Why the archive's own manifests do not verify it. */
  readonly doubts?: readonly PackageNote[];
}

/**
 * Compares an OVA archive with the manifests inside it. A file with another name keeps its verdict, and so does an archive of
 * which too little can be read.
 *
 * @throws {@link IntegrityError} `INTEGRITY`: a manifest inside contradicts it, or it is truncated.
 */
export async function verifyArchive(
  name: string,
  file: StoredBytes,
  trust: OvaTrust,
  signal: AbortSignal,
): Promise<Verdict> {
  const { verifiedBy } = trust;
  if (!/\.ova$/iu.test(name)) return { verifiedBy };
  const archive: OvaArchive = {
    name,
    sizeBytes: file.sizeBytes,
    signal,
    read: (position, length) => file.read(position, length),
    digestOf: (algorithm, start, bytes) => file.digestOf(algorithm, { start, bytes, signal }),
  };
  const findings = await checkOva(archive, trust).catch((error: unknown) => {
    if (!(error instanceof NotRecorded)) throw error;
  });
  if (findings === undefined) return { verifiedBy, doubts: [{ reason: "not-compared", file: name }] };
  const { report, isVerified, doubts } = findings;
  return { verifiedBy: isVerified && verifiedBy !== "checksum" ? "manifest" : verifiedBy, archive: report, doubts };
}

/**
 * Problems that mean that the bytes on the disk are wrong. With `manifest` they are the server's; they are not kept either,
 * because a run that resumed after them would not compare them with the checksum again.
 */
const disproofs: ReadonlySet<IntegrityProblem> = new Set(["digest", "encoded", "archive", "changed", "manifest"]);

/**
 * Returns whether an error means that the bytes on the disk are wrong. A page that came in place of the file says nothing
 * about them, bytes that are too few are a beginning (unless the server served them as the whole), and those that nothing
 * vouches for may be right.
 */
export function disproves(error: unknown, { isWhole }: { readonly isWhole: boolean }): error is IntegrityError {
  if (!(error instanceof IntegrityError)) return false;
  const { problem } = error;
  return disproofs.has(problem) || (problem === "length" && isWhole);
}

/**
 * Problems of whole files that another transfer may not have. Not `manifest`: the bytes are the server's. Not `encoded`: the server
 * encodes them each time. Not `changed`: the other files of the item would be of another version.
 */
const damages: ReadonlySet<IntegrityProblem> = new Set(["digest", "length", "archive"]);

/** Returns whether bytes that an error disproves may have been damaged on their way, so that fetching them again may help. */
export function arisesOnTheWay({ problem }: IntegrityError): boolean {
  return damages.has(problem);
}
