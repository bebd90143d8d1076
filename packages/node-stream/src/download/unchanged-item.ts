import type { PackageNote } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { Digest, ManifestCheck } from "@carrel/core/transfer";
import { isEnough, nameProblem } from "@carrel/core/transfer";
import type { SavedFile } from "../sink/directory-record.ts";
import type { DownloadItemOptions } from "./download-item-options.ts";
import type { ItemSink, RecordedVerdict, Sink } from "../sink/sink.ts";
import { checkManifests, readManifest } from "./fetch-manifest.ts";
import { matchExisting } from "./match-existing.ts";
import type { Match } from "./match-existing.ts";
import type { ListedFile, RemoteItem } from "./remote-item.ts";
import type { FileReport } from "./report.ts";
import { inOrder, isWanted } from "./select-files.ts";

/** A file of an item as the library lists it, and as an earlier download saved it. */
interface SavedSource {
  readonly name: string;
  readonly saved: SavedFile;
  /** The checksum that the library states now. */
  readonly checksum: Digest | undefined;
}

/** What is looked for. */
export interface UnchangedSearch {
  readonly item: RemoteItem;
  readonly options: Pick<DownloadItemOptions, "include" | "exclude" | "manifest" | "requireVerified">;
  readonly signal: AbortSignal;
}

/** An item whose wanted files are all there, as they were saved. */
export interface UnchangedItem {
  readonly contentVersion: string;
  /** In the server's order. */
  readonly files: readonly FileReport[];
  readonly manifest: ManifestCheck;
}

/**
 * Finds out without a session whether every wanted file of an item is there, of the content version that the item has now;
 * `undefined` if one is not, or if only a download can tell.
 *
 * The record alone is never believed: each file is read, and must have the digest that it had when it was verified. Size and
 * time of change would be cheaper, but stay the same when a disk or another program spoils the bytes. What the library and the
 * manifests state now is compared as well.
 *
 * Asks the server nothing if nothing is recorded; otherwise two requests.
 *
 * @private Does not follow semantic versioning.
 */
export async function findUnchanged(target: Sink, search: UnchangedSearch): Promise<UnchangedItem | undefined> {
  const { origin, itemId } = search.item;
  await using sink = await target.open({ origin, itemId });
  return await findUnchangedIn(sink, search);
}

/** Does what {@link findUnchanged} does in a place that is open. */
export async function findUnchangedIn(sink: ItemSink, search: UnchangedSearch): Promise<UnchangedItem | undefined> {
  const { item, options, signal } = search;
  const saved = await sink.savedFiles();
  if (saved.size === 0) return undefined;
  const [contentVersion, listed] = await Promise.all([item.contentVersion(signal), item.listFiles(signal)]);
  if (contentVersion === undefined || listed === undefined) return undefined;
  const sources: SavedSource[] = [];
  for (const file of listed.filter(({ name }) => isWanted(name, options))) {
    const source = sourceOf(file, saved.get(file.name));
    if (source?.saved.contentVersion !== contentVersion || !(await isThere(sink, source))) return undefined;
    sources.push(source);
  }
  return sources.length === 0 ? undefined : compare(sink, sources, contentVersion, search);
}

function sourceOf({ name, checksum }: ListedFile, saved: SavedFile | undefined): SavedSource | undefined {
  // A file that nothing ever verified, or that a manifest contradicted, is judged by a download.
  if (saved === undefined || saved.verifiedBy === "nothing" || saved.doubted) return undefined;
  if (nameProblem(name) !== undefined) return undefined;
  return { name, saved, checksum };
}

async function isThere(sink: ItemSink, { name, saved }: SavedSource): Promise<boolean> {
  const existing = await sink.stat(name).catch(() => undefined);
  return existing?.sizeBytes === saved.sizeBytes;
}

/** Reads the files; manifests first, because the others are compared with them. */
async function compare(
  sink: ItemSink,
  sources: readonly SavedSource[],
  contentVersion: string,
  { options, signal }: UnchangedSearch,
): Promise<UnchangedItem | undefined> {
  const manifest = checkManifests(sources.map(({ name }) => name));
  const reports = new Map<string, FileReport>();
  for (const source of inOrder(sources)) {
    const { name, saved } = source;
    // A difference is not a failure yet: a download finds out what it means, and says so.
    const match = await matchSaved(source, { manifest, sink, options, signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (match === undefined) return undefined;
    if (manifest.names.includes(name)) await readManifest(manifest, name, sink);
    const doubts = await doubtsOf(name, match, manifest);
    const { verifiedBy, sizeBytes, digest, archive } = match;
    if (!isEnough(options.requireVerified, verifiedBy, doubts)) return undefined;
    const fact = { name, path: sink.locationOf(name), sizeBytes, verifiedBy, digest, skipped: true, receivedBytes: 0 };
    const since = { unchangedSince: saved.verifiedAt, recordedBy: saved.verifiedBy };
    reports.set(name, { ...fact, ...since, ...defined({ doubts, archive }) });
  }
  return { contentVersion, files: sources.flatMap(({ name }) => reports.get(name) ?? []), manifest };
}

interface Comparison {
  readonly manifest: ManifestCheck;
  readonly sink: ItemSink;
  readonly options: Pick<DownloadItemOptions, "manifest">;
  readonly signal: AbortSignal;
}

async function matchSaved(
  { name, saved, checksum }: SavedSource,
  { manifest, sink, options, signal }: Comparison,
): Promise<Match | undefined> {
  const opened = await sink.openExisting(name);
  if (opened === undefined) return undefined;
  await using existing = opened;
  if (existing.sizeBytes !== saved.sizeBytes || !(await existing.has(saved.digest, signal))) return undefined;
  const match = await matchExisting(existing, {
    name,
    // The same content version has the same length.
    sizeBytes: saved.sizeBytes,
    checksum,
    manifest,
    onContradiction: options.manifest ?? "check",
    record: () => Promise.resolve(asRecord(saved)),
    signal,
  });
  return match && { ...match, digest: saved.digest };
}

/** Returns of what a download saved as much as tells whether a file is still that. */
export function asRecord({ sizeBytes: bytes, digest, verifiedBy }: SavedFile): RecordedVerdict {
  return { bytes, digest, verifiedBy };
}

async function doubtsOf(
  name: string,
  { verifiedBy, doubts = [] }: Match,
  manifest: ManifestCheck,
): Promise<readonly PackageNote[] | undefined> {
  if (verifiedBy !== "length" && verifiedBy !== "nothing") return undefined;
  const all = [...doubts, ...(await manifest.doubtsOf(name))];
  return all.length > 0 ? all : undefined;
}
