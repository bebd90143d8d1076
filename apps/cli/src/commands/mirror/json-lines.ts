import type { DryRunDone, MirrorDone, MirroredItem, MirrorPublication } from "@carrel/mirror";
import { digestsOf } from "../../output/event-lines.ts";
import type { Digests, FilePlace, ItemNames } from "../../output/event-lines.ts";
import { countsOf } from "./sentences.ts";
import { joinPlace } from "../../output/place-path.ts";
import { versionOf } from "../../output/wire-values.ts";

/** A library that is mirrored, and where. */
export interface MirrorPlace {
  readonly library: string;
  readonly libraryId: string;
  /** Absolute path of the mirror, or an address such as `s3://images/lab`. */
  readonly root: string;
}

/** A file of an item that is in place. It was downloaded in this run where it is `finished`, and there before where it is `skipped`. */
type MirroredFileLine = ItemNames &
  FilePlace &
  Digests & {
    readonly type: "finished" | "skipped";
    readonly sizeBytes: number;
    readonly verifiedBy: MirroredItem["files"][number]["verifiedBy"];
  };

/** Returns an event with the names of its library and, where it is about an item or a file, the path. */
export function mirrorLine(
  event: { readonly type: string; readonly directory?: string; readonly file?: string },
  { library, libraryId, root }: MirrorPlace,
): object {
  const { type, directory, file, ...rest } = event;
  const path = directory === undefined ? undefined : joinPlace(root, directory, ...(file === undefined ? [] : [file]));
  return {
    type,
    library,
    libraryId,
    ...rest,
    ...(directory !== undefined && { directory }),
    ...(file !== undefined && { file }),
    ...(path !== undefined && { path }),
  };
}

/** Returns what was published, or would be, a line for each item that changed. */
export function publishedLines(
  { changes }: MirrorPublication,
  { library, libraryId }: MirrorPlace,
  dryRun: boolean,
): readonly object[] {
  const start = { type: "published", ...(dryRun && { dryRun }), library, libraryId };
  return changes.map(({ change, ...rest }) => ({ ...start, change, ...rest }));
}

/** Returns the end of a run as programs get it, with counts in place of what was published. */
export function doneLine(done: MirrorDone | DryRunDone, place: MirrorPlace): object {
  const { published, ...rest }: { published?: MirrorPublication; type: string } = done;
  if (published === undefined) return mirrorLine(rest, place);
  const { changes: _changes, leftOut, ...others } = published;
  const counts = { ...countsOf(published), leftOut: leftOut.length };
  return mirrorLine({ ...rest, published: { ...others, ...counts } } as { readonly type: string }, place);
}

/** Returns the files of an item that is in place. @param fetched - Names of those that were downloaded in this run. */
export function mirroredFileLines(
  { item, itemId, directory, files }: MirroredItem,
  { library, libraryId, root }: MirrorPlace,
  fetched: ReadonlySet<string>,
): readonly MirroredFileLine[] {
  return files.map(({ name: file, sizeBytes, verifiedBy, digest }) => ({
    type: fetched.has(file) ? "finished" : "skipped",
    library,
    libraryId,
    item,
    itemId,
    file,
    path: joinPlace(root, directory, file),
    sizeBytes,
    verifiedBy,
    ...digestsOf(digest),
  }));
}

/** Returns an item that is in place as programs get it. */
export function mirroredLine(mirrored: MirroredItem, place: MirrorPlace): object {
  const { item, itemId, action, directory, contentVersion, files, receivedBytes, manifests } = mirrored;
  const event = {
    type: "mirrored",
    item,
    itemId,
    action,
    directory,
    contentVersion: versionOf(contentVersion),
    files: files.length,
    unverified: files.filter(({ verifiedBy }) => verifiedBy === "nothing").length,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    receivedBytes,
    doubts: files.flatMap(({ name, doubts }) => (doubts ? [{ file: name, doubts }] : [])),
    manifests,
    archives: files.flatMap(({ name, archive }) => (archive ? [{ file: name, ...archive }] : [])),
  };
  return mirrorLine(event, place);
}
