import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, realpath, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DownloadReport, FileReport } from "@carrel/node-stream";
import { statOf, nameKey, onDisk, renameWithPatience, systemCode, partialSuffixes } from "@carrel/node-stream/fs";
import type { ItemPlace } from "./already-there.ts";
import type { OpenStore } from "../../connection/open-store.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";

/** Where files are objects. */
export interface ObjectPlace {
  /** The address that all of them are below. */
  readonly root: string;
  readonly store: Pick<OpenStore, "sinkAt">;
}

/** A file of SHA-256 digests that `sha256sum --check` reads. It appears when it is complete. */
export class ChecksumFile {
  /** The path as the user wrote it. */
  readonly #name: string;
  readonly #place: Place;
  readonly #objects: ObjectPlace | undefined;

  private constructor(name: string, place: Place, objects: ObjectPlace | undefined) {
    this.#name = name;
    this.#place = place;
    this.#objects = objects;
  }

  /**
   * Checks, before anything is downloaded, that the file can be written.
   * @param downloads - Paths of the files that are to be downloaded, as far as they are known.
   * @param objects - Where the files go, if that is an object store.
   * @throws {@link CliError} exit code 2: the path is one of them, is not a file, or has no directory.
   * @throws `TransferError`: it cannot be written.
   */
  static async open(name: string, downloads: readonly string[], objects?: ObjectPlace): Promise<ChecksumFile> {
    const there = await statOf(name);
    if (there !== undefined && there.kind !== "file") {
      throw usageError(`--checksum is a ${there.kind}: ${printable(name)}`, "Name a file.");
    }
    const file = new ChecksumFile(name, await placeOf(name), objects);
    const places = await Promise.all(downloads.map(placeOf));
    await file.#assertApart(places);
    await file.#try(places);
    return file;
  }

  /** Writes the file, with paths relative to its own directory. Digests that the download computed are not computed again. */
  async write(reports: readonly DownloadReport[], signal: AbortSignal): Promise<void> {
    if (this.#objects !== undefined) return await this.#save(await objectLines(reports, this.#objects, signal), signal);
    const files = reports.flatMap((report) => report.files);
    const places = await Promise.all(files.map(({ path }) => placeOf(path)));
    // The server may have added files since they were listed.
    await this.#assertApart(places);
    const lines: string[] = [];
    for (const [index, file] of files.entries()) {
      const name = checksumName(dirname(this.#place.path), places[index]?.path ?? file.path);
      lines.push(checksumLine(await sha256Of(file, signal), name));
    }
    await this.#save(lines, signal);
  }

  async #save(lines: readonly string[], signal: AbortSignal): Promise<void> {
    // A symbolic link stays, and its target is replaced.
    const target = (await realOf(this.#place.path)) ?? this.#place.path;
    await withDraft(dirname(target), target, async (draft) => {
      await writeFile(draft, lines.join(""), { flag: "wx", signal });
      await renameWithPatience(draft, target);
    });
  }

  /** Refuses a path that a download, its partial files or its directories need. */
  async #assertApart(downloads: readonly Place[]): Promise<void> {
    const { key } = this.#place;
    const real = await realOf(this.#place.path);
    for (const download of downloads) {
      const isTaken = ["", ...partialSuffixes].some((suffix) => key === download.key + suffix);
      const isSame = real !== undefined && real === (await realOf(download.path).catch(() => undefined));
      if (isTaken || isSame) throw this.#refusal("a file that is downloaded");
      if (isBelow(download, this.#place)) throw this.#refusal("a directory that files are downloaded to");
    }
  }

  #refusal(what: string): CliError {
    return usageError(`--checksum cannot be ${what}: ${printable(this.#name)}`, "Choose another name.");
  }

  /** Creates a file in the directory, or in the nearest existing one where the download creates those below; and removes it. */
  async #try(downloads: readonly Place[]): Promise<void> {
    const { path, existing } = this.#place;
    const directory = await placeOf(dirname(path));
    const isMade = directory.path === existing || downloads.some((download) => isBelow(download, directory));
    if (!isMade) {
      const why = `The directory of --checksum does not exist: ${printable(directory.path)}`;
      throw usageError(why, "Create it, or choose another directory.");
    }
    await withDraft(existing, path, (draft) => writeFile(draft, "", { flag: "wx" }));
  }
}

/** Works on a file under a name of its own, and removes what is left under that name. */
async function withDraft(directory: string, path: string, work: (draft: string) => Promise<void>): Promise<void> {
  const draft = join(directory, `.carrel-${randomUUID()}`);
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

/** The lines of objects, with names relative to what all of them are below. */
async function objectLines(
  reports: readonly DownloadReport[],
  { root, store }: ObjectPlace,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { directory, files, itemId } of reports) {
    await using sink = await store.sinkAt(directory).open({ origin: "", itemId });
    for (const { digest, name, path } of files) {
      const hex = digest.algorithm === "sha256" ? digest.hex : await sha256OfObject(sink, { name, path }, signal);
      lines.push(checksumLine(hex, path.slice(root.length + 1)));
    }
  }
  return lines;
}

/** Reads an object: the store has no SHA-256 of one that was uploaded in parts. */
async function sha256OfObject(
  sink: ItemPlace,
  { name, path }: Pick<FileReport, "name" | "path">,
  signal: AbortSignal,
): Promise<string> {
  await using object = await sink.openExisting(name);
  if (object !== undefined) return await object.digestOf("sha256", { bytes: object.sizeBytes, signal });
  throw new CliError(`Cannot read ${printable(path)}: it no longer exists`, { exitCode: exitCodes.failed });
}

/** A line as `sha256sum` writes it. Names with a backslash or a line break are escaped, which a leading backslash marks. */
export function checksumLine(hex: string, name: string): string {
  const escaped = name
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`);
  return `${escaped === name ? "" : "\\"}${hex}  ${escaped}\n`;
}

/** The name that `sha256sum` has for a file, relative to a directory: with slashes on Windows too, and never `-`, its input. */
export function checksumName(
  directory: string,
  path: string,
  system: { readonly relative: typeof relative; readonly sep: string } = { relative, sep },
): string {
  const name = system.relative(directory, path).split(system.sep).join("/");
  return name === "-" ? "./-" : name;
}

/** Where a path leads once its links are followed. */
interface Place {
  /** Absolute path without links, except perhaps the last part. */
  readonly path: string;
  /** The deepest directory of it that exists. */
  readonly existing: string;
  /** Equal for two paths to the same file, also where the file system ignores case. */
  readonly key: string;
}

/** Follows the links of a path, whose last part and the directories before it may be missing. */
async function placeOf(path: string): Promise<Place> {
  const missing: string[] = [];
  const absolute = resolve(path);
  for (let directory = dirname(absolute); ; directory = dirname(directory)) {
    const existing = await realOf(directory);
    if (existing !== undefined || dirname(directory) === directory) {
      const end = join(existing ?? directory, ...missing, basename(absolute));
      return { path: end, existing: existing ?? directory, key: nameKey(end) };
    }
    missing.unshift(basename(directory));
  }
}

/**
 * Follows all links of a path; `undefined` where nothing exists.
 * @throws {@link CliError} exit code 2: a link has no target.
 */
async function realOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") return onDisk("look at", path, () => Promise.reject(error as Error));
    if (!(await isThere(path))) return undefined;
    throw usageError(`Symbolic link has no target: ${printable(path)}`, "Choose another path, or remove the link.");
  }
}

/** Whether a path is below another one. */
function isBelow(place: Place, directory: Place): boolean {
  return place.key.startsWith(directory.key.endsWith(sep) ? directory.key : directory.key + sep);
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
