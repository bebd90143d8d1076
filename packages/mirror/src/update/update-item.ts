import type { DownloadEvent, ItemFileInfo } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { DownloadItemOptions, DownloadReport, FileReport } from "@carrel/node-stream";
import { nameProblem, quote, readChecksum } from "@carrel/node-stream/fs";
import { downloadFrom } from "@carrel/node-stream/source";
import { libraryFiles } from "@carrel/node-stream/task";
import type { Overcome } from "@carrel/node-stream/task";
import type { MirrorStep } from "../plan/compare.ts";
import { withSpares } from "../plan/delete.ts";
import type { MirrorSource } from "../library/mirror-source.ts";
import { MirrorError } from "../errors.ts";
import type { Reading } from "../place/local-files.ts";
import type { Mirror } from "../record/mirror.ts";
import type { Incoming } from "../place/mirror-place.ts";
import { incomingDirectoryFor } from "../place/names.ts";
import { comingOf } from "../plan/published-directories.ts";
import { isCurrent } from "../record/record-text.ts";
import type { RecordedFile, RecordedItem, SpareDirectory } from "../record/record-text.ts";
import type { MirrorAction, MirroredItem } from "../report.ts";

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

/** What arrived of an item, and where it belongs. */
interface Arrival {
  readonly incoming: Incoming;
  readonly contentVersion: string;
  readonly files: readonly FileReport[];
}

/** Which files of an item need not be downloaded. */
interface KeptFiles {
  readonly kept: readonly RecordedFile[];
  /** Name of the directory that they are in. */
  readonly from: string;
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
    this.#reading = { digests: mirror.digests, signal };
  }

  /**
   * Costs a call where there is something to compare, and a download of what is missing.
   * @throws {@link MirrorError} `through-link`, `obstacle`, `not-ours`, `changed`; and what `downloadItem` rejects with.
   */
  async run(): Promise<MirroredItem> {
    const { item } = this.#step;
    const found = await this.#findKept();
    await using incoming = this.#incoming(this.#step.directory);
    const report = found.fetch?.length === 0 ? undefined : await this.#fetch(found.fetch, incoming);
    const contentVersion = report ? await this.#versionOf(report, found) : item.contentVersion;
    const arrival = { incoming, contentVersion, files: report?.files ?? [] };
    const { freeDirectory } = this.#step;
    const record =
      freeDirectory === undefined
        ? await this.#putInPlace(arrival, found.kept)
        : await this.#putAside(arrival, found, freeDirectory);
    await incoming.delete();
    const downloaded = new Map(report?.files.map((file) => [file.name, file]));
    const now = record.files.filter(({ gone }) => !gone);
    return {
      item: item.name,
      itemId: item.id,
      action: this.#action,
      directory: record.directory,
      contentVersion,
      files: now.map((file) => {
        const { name, sizeBytes, verifiedBy, digest } = file;
        const { doubts, archive, unflushed } = downloaded.get(name) ?? {};
        return { name, sizeBytes, verifiedBy, digest, ...defined({ doubts, archive, unflushed }) };
      }),
      leftovers: record.files.length - now.length,
      manifests: report?.manifests ?? [],
      receivedBytes: report?.receivedBytes ?? 0,
    };
  }

  /**
   * Finds the files that are in place already: those of the same content version, or with the checksum that the server states,
   * even if another program put them there.
   */
  async #findKept(): Promise<KeptFiles> {
    const { item, before, missing, currentDirectory, freeDirectory } = this.#step;
    const from = freeDirectory === undefined ? this.#step.directory : (currentDirectory ?? this.#step.directory);
    if (before !== undefined && isCurrent(before, item)) {
      const kept = before.files.filter(({ name, gone }) => !gone && !missing.includes(name));
      return { kept, from, fetch: missing };
    }
    const coming = freeDirectory === undefined ? undefined : comingOf(before, item);
    if (coming !== undefined) return await this.#findComing(coming);
    if (!(await this.#mirror.place.hasDirectory(from))) return { kept: [], from, fetch: undefined };
    // What a run that was killed left is not known to be what the record says; nor is what was modified here.
    const trusted = before?.contentVersion === null ? [] : (before?.files ?? []);
    const known = new Map(trusted.filter(({ name }) => !missing.includes(name)).map((file) => [file.name, file]));
    const kept: RecordedFile[] = [];
    const fetch: string[] = [];
    const signal = this.#signal;
    const list = (): ReturnType<typeof libraryFiles> =>
      libraryFiles(() => this.#source.item.file.list(item.id, { signal }));
    for (const info of (await this.#patiently(list, signal)) ?? []) {
      const file = await this.#keptFile(info, known.get(info.name), from);
      if (file === undefined) fetch.push(info.name);
      else kept.push(file);
    }
    return { kept, from, fetch: kept.length > 0 ? fetch : undefined };
  }

  /** Finds the files of a directory that a killed run was putting together. What has its name there is whole. */
  async #findComing({ directory, files }: SpareDirectory): Promise<KeptFiles> {
    const kept: RecordedFile[] = [];
    for (const file of files) {
      if ((await this.#mirror.place.sizeOfFile(directory, file.name)) === file.sizeBytes) kept.push(file);
    }
    const names = new Set(kept.map(({ name }) => name));
    return { kept, from: directory, fetch: files.flatMap(({ name }) => (names.has(name) ? [] : [name])) };
  }

  async #keptFile(
    info: ItemFileInfo,
    known: RecordedFile | undefined,
    directory: string,
  ): Promise<RecordedFile | undefined> {
    const { name } = info;
    if (nameProblem(name) !== undefined) return undefined;
    const { place } = this.#mirror;
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

  #incoming(directory: string): Incoming {
    return this.#mirror.place.incoming(incomingDirectoryFor(this.#step.item), directory);
  }

  /** Downloads files to where nobody sees them as those of the item. */
  async #fetch(files: readonly string[] | undefined, incoming: Incoming): Promise<DownloadReport> {
    const target = await incoming.open();
    await using task = downloadFrom(this.#source.remoteItem(this.#step.item.id), target, {
      ...this.#download,
      ...(files !== undefined && { include: files }),
      signal: this.#signal,
    });
    for await (const event of task) this.#onEvent(event);
    return await task.report;
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
    { incoming, contentVersion, files }: Arrival,
    kept: readonly RecordedFile[],
  ): Promise<RecordedItem> {
    const { item, directory, before } = this.#step;
    const { lock, place, record, backup } = this.#mirror;
    const exists = await place.hasDirectory(directory);
    const owned = new Set(before?.files.map(({ name }) => name));
    for (const file of files) await this.#assertReplaceable(file, owned.has(file.name));

    const arrived = new Map(
      files.map(({ name, sizeBytes, verifiedBy, digest }) => [name, { name, sizeBytes, verifiedBy, digest }]),
    );
    const now = [...kept.filter(({ name }) => !arrived.has(name)), ...arrived.values()];
    const names = new Set(now.map(({ name }) => name));
    const left = (before?.files ?? []).filter(({ name }) => !names.has(name)).map((file) => withGone(file, new Date()));
    const { id, name } = item;
    const { spares } = (before && record.items.get(before.id)) ?? {};
    const entry: RecordedItem = {
      id,
      name,
      directory,
      contentVersion,
      files: [...now, ...left],
      ...defined({ spares }),
    };
    await lock.assertHeld();
    await record.update((items) => {
      if (before !== undefined) items.delete(before.id);
      items.set(id, { ...entry, contentVersion: files.length > 0 ? null : contentVersion });
    });
    if (!exists) await place.createDirectory(directory);
    if (files.length === 0) return entry;
    for (const file of files) {
      const isOurs = owned.has(file.name);
      // What is not the mirror's own is the same as what arrived.
      if (isOurs && (await place.sizeOf(directory, file.name)) !== undefined) {
        await backup?.keep(place.locationOf(directory, file.name), directory, file.name, this.#signal);
      }
      await incoming.put(file, directory, isOurs ? "anything" : "same");
    }
    await record.update((items) => items.set(id, entry));
    return entry;
  }

  /**
   * Puts a version into a directory of its own, because subscribers may be reading the one before, which stays as it is. The
   * record knows of the directory before it is made. Files that arrive and are what was there before take their places.
   */
  async #putAside(arrival: Arrival, found: KeptFiles, freeDirectory: () => Promise<string>): Promise<RecordedItem> {
    const { before, directory } = this.#step;
    if (before === undefined) throw new TypeError("What is not in the record cannot be published");
    const { incoming, files } = arrival;
    const isInPlace = directory === before.directory;
    if (!isInPlace || isSameContent(files, before)) return await this.#putInto(directory, arrival, found, before);
    const free = await freeDirectory();
    if (!incoming.isBound) return await this.#putInto(free, arrival, found, before);
    // What arrived could only replace what subscribers may be reading.
    await incoming.delete();
    await using again = this.#incoming(free);
    const names = files.map(({ name }) => name);
    const report = await this.#fetch(names, again);
    const entry = await this.#putInto(free, { ...arrival, incoming: again, files: report.files }, found, before);
    await again.delete();
    return entry;
  }

  async #putInto(
    directory: string,
    { incoming, contentVersion, files }: Arrival,
    { kept, from }: KeptFiles,
    before: RecordedItem,
  ): Promise<RecordedItem> {
    const { id, name } = this.#step.item;
    const { lock, place, record } = this.#mirror;
    const arrived = files.map(({ name: file, sizeBytes, verifiedBy, digest }) => ({
      name: file,
      sizeBytes,
      verifiedBy,
      digest,
    }));
    const names = new Set(arrived.map(({ name: file }) => file));
    const now = [...kept.filter((file) => !names.has(file.name)).map(withoutGone), ...arrived];
    await lock.assertHeld();
    const known = record.items.get(before.id) ?? before;
    const others = (known.spares ?? []).filter((spare) => spare.directory !== directory);
    const { goneSince: _gone, unlistedSince, ...rest } = known;
    if (directory !== before.directory) {
      const coming = { itemId: id, directory, files: now, coming: contentVersion };
      await record.update((items) => items.set(before.id, withSpares(known, [...others, coming])));
    }
    if (!(await place.hasDirectory(directory))) await place.createDirectory(directory);
    for (const file of now) {
      if (names.has(file.name) || from === directory) continue;
      if ((await place.sizeOf(directory, file.name)) === file.sizeBytes) continue;
      await incoming.putTwin(from, file.name, directory, this.#signal);
    }
    for (const file of files) await incoming.put(file, directory, "anything");
    if (directory === before.directory) {
      const entry = { ...known, name };
      await record.update((items) => items.set(id, entry));
      return entry;
    }
    const earlier = {
      itemId: before.id,
      directory: before.directory,
      files: before.files,
      ...defined({ unlistedSince }),
    };
    const entry = withSpares({ ...rest, id, name, directory, contentVersion, files: now }, [...others, earlier]);
    await record.update((items) => {
      if (before.id !== id) items.delete(before.id);
      items.set(id, entry);
    });
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

/** Whether files that arrived are what the record says of those that they replace. */
function isSameContent(files: readonly FileReport[], { files: recorded }: RecordedItem): boolean {
  return files.every(({ name, sizeBytes, digest }) => {
    const known = recorded.find((file) => file.name === name && !file.gone);
    return (
      known?.sizeBytes === sizeBytes && known.digest.algorithm === digest.algorithm && known.digest.hex === digest.hex
    );
  });
}

function withGone(file: RecordedFile, now: Date): RecordedFile {
  return { ...file, gone: true, goneSince: file.goneSince ?? now.toISOString() };
}

/** An item may have a file again that it no longer had. */
function withoutGone({ gone: _gone, goneSince: _since, ...file }: RecordedFile): RecordedFile {
  return file;
}
