import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, realpath, stat, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DownloadReport, FileReport } from "@carrel/node-stream";
import { makeFolder, nameKey, onDisk, renameWithPatience } from "@carrel/node-stream/internal";
import { usageError } from "../cli-error.ts";
import { printable } from "../output/printable.ts";

/** A file of SHA-256 digests that `sha256sum --check` reads. It appears when all is in it; disposed before, not at all. */
export class ChecksumFile implements AsyncDisposable {
  readonly #path: string;
  readonly #draft: FileHandle;
  #isWritten = false;

  private constructor(path: string, draft: FileHandle) {
    this.#path = path;
    this.#draft = draft;
  }

  /**
   * Makes sure, before anything is downloaded, that the file can be written.
   * @param downloads - Paths of the files that are to be downloaded.
   * @throws {@link CliError} exit code 2: it is one of them, or a folder, or in none.
   * @throws `TransferError`: it cannot be written.
   */
  static async open(path: string, downloads: readonly string[]): Promise<ChecksumFile> {
    const absolute = resolve(path);
    const key = await keyOf(absolute);
    for (const download of downloads) {
      const other = await keyOf(resolve(download));
      // What is downloaded has work files beside it: NAME.part and so on.
      if (key !== other && !key.startsWith(`${other}.part`)) continue;
      throw usageError(`--checksum cannot be a file that is downloaded: ${printable(path)}`, "Choose another name.");
    }
    if (await isFolder(absolute)) {
      throw usageError(`--checksum is a folder: ${printable(path)}`, "Give the name of a file.");
    }
    const folder = dirname(absolute);
    // Beside what is downloaded, it may be that nothing is there yet.
    if (downloads.some((download) => resolve(download).startsWith(join(folder, sep)))) await makeFolder(folder);
    else if (!(await isFolder(folder))) {
      const why = `The folder of --checksum is not there: ${printable(folder)}`;
      throw usageError(why, "Make it, or choose another place.");
    }
    const draft = draftOf(absolute);
    return new ChecksumFile(absolute, await onDisk("create", draft, () => open(draft, "w")));
  }

  /** Writes it, with paths seen from its own folder. Digests that the download computed are not computed again. */
  async write(reports: readonly DownloadReport[], signal: AbortSignal): Promise<void> {
    const lines: string[] = [];
    for (const file of reports.flatMap(({ files }) => files)) {
      const name = relative(dirname(this.#path), file.path).split(sep).join("/");
      lines.push(checksumLine(await sha256Of(file, signal), name));
    }
    await onDisk("write", this.#path, async () => {
      await this.#draft.writeFile(lines.join(""), { signal });
      await this.#draft.close();
      await renameWithPatience(draftOf(this.#path), this.#path);
    });
    this.#isWritten = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isWritten) return;
    await this.#draft.close();
    await unlink(draftOf(this.#path)).catch(() => undefined);
  }
}

/** A line as `sha256sum` writes it: names with a backslash or a line break are escaped, and the line says so. */
export function checksumLine(hex: string, name: string): string {
  const escaped = name
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`);
  return `${escaped === name ? "" : "\\"}${hex}  ${escaped}\n`;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function draftOf(path: string): string {
  return `${path}.part`;
}

/** What two paths have in common that lead to the same file, as far as its folder is there already. */
async function keyOf(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return nameKey(join(folder, basename(path)));
}

async function sha256Of({ path, digest }: FileReport, signal: AbortSignal): Promise<string> {
  if (digest.algorithm === "sha256") return digest.hex;
  const hash = createHash("sha256");
  await onDisk("read", path, () => pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal }));
  return hash.digest("hex");
}
