import { join } from "node:path";

/** Where a file and what belongs to it lie while it is downloaded. */
export interface WorkFiles {
  readonly final: string;
  /** The bytes so far. */
  readonly part: string;
  /** What the bytes are: see {@link ResumeRecord}. */
  readonly record: string;
  readonly lock: string;
}

/** What is appended to a file's name for each. */
export const workSuffixes: readonly string[] = [
  ".part",
  ".part.json",
  ".part.json.tmp",
  ".part.lock",
  ".part.lock.claim",
];

export function workFiles(folder: string, name: string): WorkFiles {
  const final = join(folder, name);
  return { final, part: `${final}.part`, record: `${final}.part.json`, lock: `${final}.part.lock` };
}
