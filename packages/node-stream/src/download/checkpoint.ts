import type { FileDigest } from "../files/file-digest.ts";
import { writeRecord } from "./resume-record.ts";
import type { ResumeRecord } from "./resume-record.ts";

/** A record is written when so much is new … */
const everyBytes = 262_144;
/** … and the last one is so long ago. What a killed process loses is at most what comes in that time. */
const everyMs = 20;

/** Keeps the record of an incomplete file up to date, without ever making the download wait for it. */
export class Checkpoint {
  readonly #path: string;
  readonly #identity: Omit<ResumeRecord, "bytes" | "digest">;
  readonly #digest: FileDigest;
  #savedBytes: number;
  #savedAt = performance.now();
  #saving: Promise<unknown> | undefined;
  #failure: unknown;

  constructor(path: string, identity: Omit<ResumeRecord, "bytes" | "digest">, digest: FileDigest, savedBytes: number) {
    this.#path = path;
    this.#identity = identity;
    this.#digest = digest;
    this.#savedBytes = savedBytes;
  }

  /** Writes a record if one is due. Throws when an earlier one could not be written: the folder is gone, say. */
  offer(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = this.#digest.latest?.bytes ?? 0;
    const isDue = bytes - this.#savedBytes >= everyBytes && performance.now() - this.#savedAt >= everyMs;
    if (!isDue || this.#saving !== undefined) return;
    this.#saving = this.#save().then(
      () => (this.#saving = undefined),
      (error: unknown) => {
        this.#failure = error;
      },
    );
  }

  /** Waits for a record on its way. */
  async settle(): Promise<void> {
    await this.#saving;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Writes a record of what is there now, at the end of a run that did not finish the file. */
  async saveLast(): Promise<void> {
    await this.settle();
    if ((this.#digest.latest?.bytes ?? 0) > this.#savedBytes) await this.#save();
  }

  async #save(): Promise<void> {
    const { latest, algorithm } = this.#digest;
    if (latest === undefined) return;
    const { bytes, hex } = latest;
    await writeRecord(this.#path, { ...this.#identity, bytes, digest: { algorithm, hex } });
    this.#savedBytes = bytes;
    this.#savedAt = performance.now();
  }
}
