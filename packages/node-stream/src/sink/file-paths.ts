import { join } from "node:path";
import { claimSuffix } from "../files/lock-takeover.ts";

/**
 * What is appended to a file's name for each file that belongs to it while it is incomplete.
 *
 * @private Does not follow semantic versioning.
 */
export const partialSuffixes: readonly string[] = [".part", ".part.json", ".part.lock", `.part.lock${claimSuffix}`];

/** The end of the name of anything that belongs to an incomplete file, also of what has a token in its name. */
export const partialEnding: RegExp =
  /(?:\.[0-9a-f]{8}\.(?:part|tmp)|\.part|\.part\.json|\.part\.lock|\.part\.lock\.new)$/iu;

/** Where a file, and what belongs to it while it is incomplete, are on the disk. */
export class FilePaths {
  readonly final: string;
  /** The bytes of a run that has ended: no process has it open. While a run is at work they are in {@link ownPart}. */
  readonly part: string;
  /** What the bytes are: a resume record. */
  readonly record: string;
  readonly lock: string;

  /** `directory` is absolute. */
  constructor(directory: string, name: string) {
    this.final = join(directory, name);
    this.part = `${this.final}.part`;
    this.record = `${this.final}.part.json`;
    this.lock = `${this.final}.part.lock`;
  }

  /** The file that a run writes to, which has the token of its lock in its name: no other run ever opens it for writing. */
  ownPart(token: string): string {
    return `${this.final}.${token}.part`;
  }

  /** The file that a run writes a record to before it replaces the earlier one. */
  recordDraft(token: string): string {
    return `${this.final}.${token}.tmp`;
  }
}
