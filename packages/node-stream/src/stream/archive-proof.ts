import type { PackageNote } from "@carrel/core";
import { ArchiveRecorder, NotRecorded } from "../ovf/archive-recorder.ts";
import { checkOva } from "../ovf/check-ova.ts";
import type { OvaTrust } from "../ovf/check-ova.ts";

/** Compares an OVA archive with the manifests inside it, by what was kept of it as it passed by. */
export class ArchiveProof {
  readonly #recorder = new ArchiveRecorder();

  /** Takes the next bytes of the archive. */
  update(bytes: Uint8Array): void {
    this.#recorder.update(bytes);
  }

  /**
   * Judges the archive after its last byte. One that cannot be judged in passing (sparse members, a manifest at the end with
   * unusual digests) is not proved, and that is noted.
   *
   * @throws `IntegrityError` `INTEGRITY`: a member has another digest than its manifest states, or the archive is not whole.
   */
  async judge(
    archive: { readonly name: string; readonly sizeBytes: number; readonly signal: AbortSignal },
    trust: OvaTrust,
  ): Promise<{ readonly isProved: boolean; readonly doubts: readonly PackageNote[] }> {
    const recorder = this.#recorder;
    const { sizeBytes } = archive;
    const unjudged = { isProved: false, doubts: [{ reason: "not-compared", file: archive.name }] } as const;
    if (recorder.isGivenUp) return unjudged;
    const read = (start: number, length: number): Promise<Uint8Array> => recorder.read(start, length, sizeBytes);
    const digestOf: Parameters<typeof checkOva>[0]["digestOf"] = (algorithm, start, length) =>
      recorder.digestOf(algorithm, start, length, sizeBytes);
    try {
      return await checkOva({ ...archive, read, digestOf }, trust);
    } catch (error) {
      if (error instanceof NotRecorded) return unjudged;
      throw error;
    }
  }
}
