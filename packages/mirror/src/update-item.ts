import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DownloadEvent, ItemFileInfo } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { DownloadItemOptions, DownloadReport, FileReport } from "@carrel/node-stream";
import { nameProblem, onDisk, quote, readChecksum, systemCode } from "@carrel/node-stream/fs";
import { downloadFrom } from "@carrel/node-stream/source";
import { libraryFiles } from "@carrel/node-stream/task";
import type { Overcome } from "@carrel/node-stream/task";
import type { MirrorStep } from "./compare.ts";
import type { MirrorSource } from "./mirror-source.ts";
import { MirrorError } from "./errors.ts";
import { lstatOf, unusableIncoming } from "./local-files.ts";
import type { Reading } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import { incomingDirectoryFor, incomingName } from "./names.ts";
import { isCurrent } from "./record-text.ts";
import type { RecordedFile, RecordedItem } from "./record-text.ts";
import type { MirrorAction, MirroredItem } from "./report.ts";

/** What an item is updated with. */
export interface ItemUpdateOptions {
  readonly step: MirrorStep;
  readonly action: MirrorAction;
  readonly source: MirrorSource;
  readonly mirror: Mirror;
  /** How its files are downloaded. */
  readonly download: DownloadItemOptions;
  readonly onEvent: (event: DownloadEvent) => void;
  /** Overcomes outages of calls. */
  readonly patiently: Overcome;
  readonly signal: AbortSignal;
}

/** Which files of an item need not be downloaded. */
interface KeptFiles {
  readonly kept: readonly RecordedFile[];
  /** Names of those to download; all where it is undefined. */
  readonly fetch: readonly string[] | undefined;
}

/**
 * Updates one item: the files that are missing are downloaded beside the mirror, where a later run resumes them, and take their
 * places when all of them are whole.
 */
export class ItemUpdate {
  readonly #step: MirrorStep;
  readonly #action: MirrorAction;
  readonly #source: MirrorSource;
  readonly #mirror: Mirror;
  readonly #download: DownloadItemOptions;
  readonly #onEvent: (event: DownloadEvent) => void;
  readonly #patiently: Overcome;
  readonly #signal: AbortSignal;
  /** Absolute path of the directory of its partial downloads. */
  readonly #incoming: string;
  readonly #reading: Reading;

  constructor({ step, action, source, mirror, download, onEvent, patiently, signal }: ItemUpdateOptions) {
    this.#step = step;
    this.#action = action;
    this.#source = source;
    this.#mirror = mirror;
    this.#download = download;
    this.#onEvent = onEvent;
    this.#patiently = patiently;
    this.#signal = signal;
    this.#incoming = join(mirror.root, incomingName, incomingDirectoryFor(step.item));
    this.#reading = { digests: mirror.digests, signal };
  }

  /**
   * Costs a call where there is something to compare, and a download of what is missing.
   * @throws {@link MirrorError} `through-link`, `obstacle`, `not-ours`, `changed`; and what `downloadItem` rejects with.
   */
  async run(): Promise<MirroredItem> {
    const { item, directory } = this.#step;
    const found = await this.#findKept();
    const report = found.fetch?.length === 0 ? undefined : await this.#fetch(found.fetch);
    const contentVersion = report ? await this.#versionOf(report, found) : item.contentVersion;
    const record = await this.#putInPlace(contentVersion, report?.files ?? [], found.kept);
    await this.#mirror.lock.assertHeld();
    await onDisk("delete", this.#incoming, () => rm(this.#incoming, { recursive: true, force: true }));
    const downloaded = new Map(report?.files.map((file) => [file.name, file]));
    const files = record.files.filter(({ gone }) => !gone);
    return {
      item: item.name,
      itemId: item.id,
      action: this.#action,
      directory,
      contentVersion,
      files: files.map((file) => {
        const { name, sizeBytes, verifiedBy, digest } = file;
        const { doubts, archive, unflushed } = downloaded.get(name) ?? {};
        return { name, sizeBytes, verifiedBy, digest, ...defined({ doubts, archive, unflushed }) };
      }),
      leftovers: record.files.length - files.length,
      manifests: report?.manifests ?? [],
      receivedBytes: report?.receivedBytes ?? 0,
    };
  }

  /**
   * Finds the files that are in place already: those of the same content version, or with the checksum that the server states,
   * even if another program put them there.
   */
  async #findKept(): Promise<KeptFiles> {
    const { item, before, missing } = this.#step;
    if (before !== undefined && isCurrent(before, item)) {
      const kept = before.files.filter(({ name, gone }) => !gone && !missing.includes(name));
      return { kept, fetch: missing };
    }
    if (!(await this.#mirror.place.hasDirectory(this.#step.directory))) return { kept: [], fetch: undefined };
    // What a run that was killed left is not known to be what the record says; nor is what was modified here.
    const trusted = before?.contentVersion === null ? [] : (before?.files ?? []);
    const known = new Map(trusted.filter(({ name }) => !missing.includes(name)).map((file) => [file.name, file]));
    const kept: RecordedFile[] = [];
    const fetch: string[] = [];
    const signal = this.#signal;
    const list = (): ReturnType<typeof libraryFiles> =>
      libraryFiles(() => this.#source.item.file.list(item.id, { signal }));
    for (const info of (await this.#patiently(list, signal)) ?? []) {
      const file = await this.#keptFile(info, known.get(info.name));
      if (file === undefined) fetch.push(info.name);
      else kept.push(file);
    }
    return { kept, fetch: kept.length > 0 ? fetch : undefined };
  }

  async #keptFile(info: ItemFileInfo, known: RecordedFile | undefined): Promise<RecordedFile | undefined> {
    const { name } = info;
    if (nameProblem(name) !== undefined) return undefined;
    const { place } = this.#mirror;
    const { directory } = this.#step;
    const sizeBytes = await place.sizeOfFile(directory, name);
    if (sizeBytes === undefined) return undefined;
    const digest = readChecksum(info.checksum_info);
    if (digest === undefined) return undefined;
    if (known?.sizeBytes === sizeBytes && known.digest.algorithm === digest.algorithm) {
      return known.digest.hex === digest.hex ? withoutGone(known) : undefined;
    }
    if (!(await place.hasDigest(directory, name, digest, this.#reading))) return undefined;
    return { name, sizeBytes, verifiedBy: "checksum", digest };
  }

  /** Downloads files into a directory beside the mirror. */
  async #fetch(files: readonly string[] | undefined): Promise<DownloadReport> {
    await this.#makeIncoming();
    await using task = downloadFrom(this.#source.remoteItem(this.#step.item.id), this.#incoming, {
      ...this.#download,
      ...(files !== undefined && { include: files }),
      signal: this.#signal,
    });
    for await (const event of task) this.#onEvent(event);
    return await task.report;
  }

  /** Creates the directory into which the item is downloaded. One that exists must be this user's. */
  async #makeIncoming(): Promise<void> {
    const { root, lock } = this.#mirror;
    for (const directory of [join(root, incomingName), this.#incoming]) {
      await lock.assertHeld();
      await onDisk("create directory", directory, () => mkdir(directory, 0o755).catch(ignoreExisting));
      const stats = await lstatOf(directory);
      if (stats !== undefined && (!stats.isDirectory() || !lock.isOwn(stats))) throw unusableIncoming(directory, stats);
    }
  }

  /** Returns the content version that arrived, which may be a later one than was planned. */
  async #versionOf({ contentVersion: arrived }: DownloadReport, { fetch }: KeptFiles): Promise<string> {
    const { id, name, contentVersion: planned } = this.#step.item;
    if (!arrived || arrived === planned) return planned;
    const signal = this.#signal;
    const { content_version: now } = await this.#patiently(() => this.#source.item.get(id, { signal }), signal);
    // Sessions count versions otherwise than items on this server.
    if (now === planned) return planned;
    if (fetch === undefined) return arrived;
    throw new MirrorError(`Item ${quote(name)} changed on the server during the download`, { problem: "changed" });
  }

  /**
   * Moves the files that arrived to where they belong, all or none: in place of those of the version before, and of no others.
   * The record knows of them before, so that what a killed run left is known to be the mirror's.
   */
  async #putInPlace(
    contentVersion: string,
    files: readonly FileReport[],
    kept: readonly RecordedFile[],
  ): Promise<RecordedItem> {
    const { item, directory, before } = this.#step;
    const { lock, place, record, backup } = this.#mirror;
    if (!(await place.hasDirectory(directory))) await place.createDirectory(directory);
    const owned = new Set(before?.files.map(({ name }) => name));
    for (const file of files) await this.#assertReplaceable(file, owned.has(file.name));

    const arrived = new Map(
      files.map(({ name, sizeBytes, verifiedBy, digest }) => [name, { name, sizeBytes, verifiedBy, digest }]),
    );
    const now = [...kept.filter(({ name }) => !arrived.has(name)), ...arrived.values()];
    const names = new Set(now.map(({ name }) => name));
    const left = (before?.files ?? []).filter(({ name }) => !names.has(name)).map((file) => withGone(file, new Date()));
    const { id, name } = item;
    const entry: RecordedItem = { id, name, directory, contentVersion, files: [...now, ...left] };
    await lock.assertHeld();
    await record.update((items) => {
      if (before !== undefined) items.delete(before.id);
      items.set(id, { ...entry, contentVersion: files.length > 0 ? null : contentVersion });
    });
    if (files.length === 0) return entry;
    for (const { name: file, path } of files) {
      // What is not the mirror's own is the same as what arrived.
      if (owned.has(file) && (await place.sizeOf(directory, file)) !== undefined) {
        await backup?.keep(place.locationOf(directory, file), directory, file, this.#signal);
      }
      await place.putFile(path, directory, file);
    }
    await record.update((items) => items.set(id, entry));
    return entry;
  }

  /** Refuses to replace what the mirror did not put there, unless it is the same. */
  async #assertReplaceable({ name, sizeBytes, digest }: FileReport, isOurs: boolean): Promise<void> {
    const { place } = this.#mirror;
    const { directory } = this.#step;
    const existingBytes = await place.sizeOfFile(directory, name);
    if (existingBytes === undefined || isOurs) return;
    if (existingBytes === sizeBytes && (await place.hasDigest(directory, name, digest, this.#reading))) return;
    const path = place.locationOf(directory, name);
    throw new MirrorError(
      `Cannot replace ${quote(path)}: the mirror did not create it, and it differs from the file on the server`,
      { problem: "not-ours", path },
    );
  }
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}

function withGone(file: RecordedFile, now: Date): RecordedFile {
  return { ...file, gone: true, goneSince: file.goneSince ?? now.toISOString() };
}

/** An item may have a file again that it no longer had. */
function withoutGone({ gone: _gone, goneSince: _since, ...file }: RecordedFile): RecordedFile {
  return file;
}
