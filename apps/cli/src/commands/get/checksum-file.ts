import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, realpath, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DownloadReport, FileReport } from "@carrel/node-stream";
import { statOf, nameKey, onDisk, renameWithPatience, systemCode, partialSuffixes } from "@carrel/node-stream/fs";
import { printable } from "../../output/printable.ts";
import { usageError } from "../../process/cli-error.ts";
import type { CliError } from "../../process/cli-error.ts";

/** A file of SHA-256 digests that `sha256sum --check` reads. It appears when all is in it, and nothing of it before. */
export class ChecksumFile {
  /** As it was given. */
  readonly #name: string;
  readonly #place: Place;

  private constructor(name: string, place: Place) {
    this.#name = name;
    this.#place = place;
  }

  /**
   * Makes sure, before anything is downloaded, that the file can be written.
   * @param downloads - Paths of the files that are to be downloaded, as far as they are known.
   * @throws {@link CliError} exit code 2: it is one of them, or no file, or in no folder.
   * @throws `TransferError`: it cannot be written.
   */
  static async open(name: string, downloads: readonly string[]): Promise<ChecksumFile> {
    const there = await statOf(name);
    if (there !== undefined && there.kind !== "file") {
      throw usageError(`--checksum is a ${there.kind}: ${printable(name)}`, "Give the name of a file.");
    }
    const file = new ChecksumFile(name, await placeOf(name));
    const places = await Promise.all(downloads.map(placeOf));
    await file.#assertApart(places);
    await file.#try(places);
    return file;
  }

  /** Writes it, with paths seen from its own folder. Digests that the download computed are not computed again. */
  async write(reports: readonly DownloadReport[], signal: AbortSignal): Promise<void> {
    const files = reports.flatMap((report) => report.files);
    const places = await Promise.all(files.map(({ path }) => placeOf(path)));
    // The server may have named others than before.
    await this.#assertApart(places);
    const lines: string[] = [];
    for (const [index, file] of files.entries()) {
      const name = checksumName(dirname(this.#place.path), places[index]?.path ?? file.path);
      lines.push(checksumLine(await sha256Of(file, signal), name));
    }
    // What a link leads to is replaced, and not the link.
    const target = (await realOf(this.#place.path)) ?? this.#place.path;
    await withDraft(dirname(target), target, async (draft) => {
      await writeFile(draft, lines.join(""), { flag: "wx", signal });
      await renameWithPatience(draft, target);
    });
  }

  /** Refuses to take the place of what is downloaded, of what belongs to it, or of a folder for it. */
  async #assertApart(downloads: readonly Place[]): Promise<void> {
    const { key } = this.#place;
    const real = await realOf(this.#place.path);
    for (const download of downloads) {
      const taken = ["", ...partialSuffixes].some((suffix) => key === download.key + suffix);
      const isSame = real !== undefined && real === (await realOf(download.path).catch(() => undefined));
      if (taken || isSame) throw this.#refusal("a file that is downloaded");
      if (isBelow(download, this.#place)) throw this.#refusal("a directory that files are downloaded to");
    }
  }

  #refusal(what: string): CliError {
    return usageError(`--checksum cannot be ${what}: ${printable(this.#name)}`, "Choose another name.");
  }

  /** Makes a file where this one is to be, or in the nearest folder where the download makes those in between; and removes it. */
  async #try(downloads: readonly Place[]): Promise<void> {
    const { path, existing } = this.#place;
    const folder = await placeOf(dirname(path));
    const isMade = folder.path === existing || downloads.some((download) => isBelow(download, folder));
    if (!isMade) {
      const why = `The directory of --checksum does not exist: ${printable(folder.path)}`;
      throw usageError(why, "Create it, or choose another directory.");
    }
    await withDraft(existing, path, (draft) => writeFile(draft, "", { flag: "wx" }));
  }
}

/** Works on a file under a name that nothing else has, and leaves nothing of that name. */
async function withDraft(folder: string, path: string, work: (draft: string) => Promise<void>): Promise<void> {
  const draft = join(folder, `.carrel-${randomUUID()}`);
  try {
    await onDisk("write", path, () => work(draft));
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function sha256Of({ path, digest }: FileReport, signal: AbortSignal): Promise<string> {
  if (digest.algorithm === "sha256") return digest.hex;
  const hash = createHash("sha256");
  await onDisk("read", path, () => pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal }));
  return hash.digest("hex");
}

/** A line as `sha256sum` writes it: names with a backslash or a line break are escaped, and the line says so. */
export function checksumLine(hex: string, name: string): string {
  const escaped = name
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`);
  return `${escaped === name ? "" : "\\"}${hex}  ${escaped}\n`;
}

/** How `sha256sum` names a file that is seen from a folder: with slashes on Windows too, and never `-`, which is its input. */
export function checksumName(
  folder: string,
  path: string,
  system: { readonly relative: typeof relative; readonly sep: string } = { relative, sep },
): string {
  const name = system.relative(folder, path).split(system.sep).join("/");
  return name === "-" ? "./-" : name;
}

/** Where a path really leads. */
interface Place {
  /** Absolute path, through no link but perhaps one at its end. */
  readonly path: string;
  /** The deepest folder on the way there that exists. */
  readonly existing: string;
  /** What it has in common with other paths to the same thing, on systems too that ignore case. */
  readonly key: string;
}

/** Follows the links on the way to a path, the last part of which may be missing, and so may folders before it. */
async function placeOf(path: string): Promise<Place> {
  const missing: string[] = [];
  const absolute = resolve(path);
  for (let folder = dirname(absolute); ; folder = dirname(folder)) {
    const existing = await realOf(folder);
    if (existing !== undefined || dirname(folder) === folder) {
      const end = join(existing ?? folder, ...missing, basename(absolute));
      return { path: end, existing: existing ?? folder, key: nameKey(end) };
    }
    missing.unshift(basename(folder));
  }
}

/**
 * Where a path leads, links at its end included; `undefined` where there is nothing.
 * @throws {@link CliError} exit code 2: a link leads nowhere.
 */
async function realOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") return onDisk("look at", path, () => Promise.reject(error as Error));
    if (!(await isThere(path))) return undefined;
    throw usageError(`Symbolic link has no target: ${printable(path)}`, "Choose another place, or remove it.");
  }
}

/** Whether a place is below another one. */
function isBelow(place: Place, folder: Place): boolean {
  return place.key.startsWith(folder.key.endsWith(sep) ? folder.key : folder.key + sep);
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
