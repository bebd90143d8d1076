import { join } from "node:path";
import type { DryRunDone, MirrorDone, MirroredItem, MirrorEvent } from "@carrel/mirror";
import { digestsOf } from "../../output/event-lines.ts";
import type { Digests, FilePlace, ItemNames } from "../../output/event-lines.ts";
import { versionOf } from "../../output/wire-values.ts";
import type { Version } from "../../output/wire-values.ts";
import type { JsonError } from "../../run/explain-failure.ts";
import type { Planned } from "./sentences.ts";

type EventOf<Type extends MirrorEvent["type"]> = Extract<MirrorEvent, { readonly type: Type }>;

/** A library that is mirrored, and where. */
export interface MirrorPlace {
  readonly library: string;
  readonly libraryId: string;
  /** Absolute path of the mirror. */
  readonly root: string;
}

/** What each line about an item or a file of a mirror has besides the names. */
export interface MirrorWhere {
  /** Name of the item's directory in the mirror. */
  readonly directory: string;
  /** Absolute path on this machine, as the disk spells it: of the file, or of the item's directory where no file is named. */
  readonly path: string;
}

/** A file of an item that is in place. It was downloaded in this run where it is `finished`, and there before where it is `skipped`. */
export type MirroredFileLine = ItemNames &
  FilePlace &
  Digests & {
    readonly type: "finished" | "skipped";
    readonly sizeBytes: number;
    readonly verifiedBy: MirroredItem["files"][number]["verifiedBy"];
  };

/** An item that is in place. */
export type MirroredLine = ItemNames &
  MirrorWhere &
  Pick<MirroredItem, "action" | "receivedBytes" | "manifests"> & {
    readonly type: "mirrored";
    readonly contentVersion: Version;
    readonly files: number;
    readonly unverified: number;
    readonly sizeBytes: number;
    readonly doubts: readonly { readonly file: string; readonly doubts: readonly object[] }[];
    readonly archives: readonly ({ readonly file: string } & object)[];
  };

/** A line of `mirror --json`. */
export type MirrorLine =
  | (ItemNames & MirrorWhere & { readonly type: "planned" } & Planned)
  | (ItemNames & MirrorWhere & (EventOf<"differs"> | EventOf<"deleted"> | EventOf<"kept">))
  | MirroredFileLine
  | MirroredLine
  | MirrorFailedLine
  | (Pick<ItemNames, "library" | "libraryId"> & (MirrorDone | DryRunDone));

/** An item, or a whole library, that is not in place. */
export interface MirrorFailedLine {
  readonly type: "failed";
  readonly library: string;
  readonly libraryId: string;
  readonly item?: string;
  readonly itemId?: string;
  /** Absolute path of the item's directory, where it has one. */
  readonly path?: string;
  readonly error: JsonError;
}

/** Returns an event with the names of its library and, where it is about an item or a file, the path. */
export function mirrorLine(
  event: { readonly type: string; readonly directory?: string; readonly file?: string },
  { library, libraryId, root }: MirrorPlace,
): object {
  const { type, directory, file, ...rest } = event;
  const path = directory === undefined ? undefined : join(root, directory, file ?? "");
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
    path: join(root, directory, file),
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
