import { formatBytes, formatCount } from "../output/format.ts";

/** What came of reading the files of a mirror. */
export interface Verification {
  readonly files: number;
  readonly bytes: number;
  /** Files that are not what was put there. */
  readonly differing: number;
}

/** Such as `12 files read (3.4 GiB), 1 of them changed here`. */
export function describeVerification({ files, bytes, differing }: Verification): string {
  const verdict = differing === 0 ? "none changed here" : `${differing} of them changed here`;
  return `${formatCount(files, "file")} read (${formatBytes(bytes)}), ${verdict}`;
}
