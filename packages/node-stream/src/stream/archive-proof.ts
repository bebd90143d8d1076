import type { PackageNote } from "@carrel/core";
import type { ArchiveJudge } from "@carrel/core/transfer";
import { ArchiveRecorder, NotRecorded } from "../ovf/archive-recorder.ts";
import { checkOva } from "../ovf/check-ova.ts";
import type { OvaTrust } from "../ovf/check-ova.ts";

/** Compares an OVA archive with the manifests inside it, by what was kept of it as it was read. */
export class ArchiveProof implements ArchiveJudge {
  readonly #recorder = new ArchiveRecorder();

  /** Takes the next bytes of the archive. */
  update(bytes: Uint8Array): void {
    this.#recorder.update(bytes);
  }

  /**
   * Judges the archive after its last byte. One that cannot be judged from a stream (sparse members, a manifest at the end with
   * unusual digests) is not verified, and that is noted.
   *
   * @throws `IntegrityError` `INTEGRITY`: a member does not match its manifest, or the archive is not whole.
   */
  async judge(
    archive: { readonly name: string; readonly sizeBytes: number; readonly signal: AbortSignal },
    trust: OvaTrust,
  ): Promise<{ readonly isVerified: boolean; readonly doubts: readonly PackageNote[] }> {
    const unjudged = { isVerified: false, doubts: [{ reason: "not-compared", file: archive.name }] } as const;
    if (this.#recorder.isGivenUp) return unjudged;
    try {
      return await checkOva({ ...archive, ...this.#recorder.archive(archive.sizeBytes) }, trust);
    } catch (error) {
      if (error instanceof NotRecorded) return unjudged;
      throw error;
    }
  }
}
