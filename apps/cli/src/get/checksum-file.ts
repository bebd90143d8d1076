import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DownloadReport, FileReport } from "@carrel/node-stream";

/**
 * Writes a file of SHA-256 digests that `sha256sum --check` reads, with paths seen from the file's own folder. The
 * digests are of what is on the disk; those that the download computed are not computed again.
 */
export async function writeChecksumFile(
  path: string,
  reports: readonly DownloadReport[],
  signal: AbortSignal,
): Promise<void> {
  const base = dirname(resolve(path));
  const lines: string[] = [];
  for (const file of reports.flatMap(({ files }) => files)) {
    const name = relative(base, file.path).split(sep).join("/");
    lines.push(`${await sha256Of(file, signal)}  ${name}\n`);
  }
  const draft = `${path}.part`;
  await writeFile(draft, lines.join(""), { signal });
  await rename(draft, path);
}

async function sha256Of({ path, digest }: FileReport, signal: AbortSignal): Promise<string> {
  if (digest.algorithm === "sha256") return digest.hex;
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal });
  return hash.digest("hex");
}
