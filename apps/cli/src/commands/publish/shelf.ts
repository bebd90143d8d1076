import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { readMirrorRecord } from "@carrel/mirror";
import type { RecordedMirror } from "@carrel/mirror";
import { FileLock } from "@carrel/node-stream/fs";
import { DirectoryContent, DirectoryPlace, StoredContent } from "@carrel/vcsp";
import type { ContentItem, DirectoryContentOptions, LeftOut, LibraryPlace } from "@carrel/vcsp";
import { openMirrors, openPlace } from "../../connection/open-store.ts";
import { resolvePlace } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import type { StoreFlags } from "../../settings/store-options.ts";

/** What is to be published. */
interface Content extends AsyncDisposable {
  readonly items: readonly ContentItem[];
  readonly leftOut: readonly LeftOut[];
  /** Keeps the digests that were computed. */
  save(): Promise<void>;
}

/** What keeps two processes from publishing to one place at once. */
interface Claim extends AsyncDisposable {
  assertHeld(): Promise<void>;
}

/** Where a library is published: a directory, or a prefix of an object store. */
export interface Shelf extends AsyncDisposable {
  readonly place: LibraryPlace;
  /** For a library that was not published before. */
  readonly newName: string;
  list(options: DirectoryContentOptions): Promise<Content>;
  /** @throws {@link CliError} exit code 1: another process publishes there. */
  lock(signal: AbortSignal): Promise<Claim>;
}

/** Hidden, so that it is not served. */
const lockName = ".carrel-publish.lock";
const mirrorAdvice = "carrel mirror --publish publishes it after each run, and keeps earlier versions for a while.";
const waitAdvice = "Run the same command again when that one has ended.";

/** @throws {@link CliError} exit code 2: it is not a directory, or a mirror. */
export async function openDirectoryShelf(directory: string): Promise<Shelf> {
  const root = resolve(directory);
  const found = await stat(root).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw usageError(`${root} ${found === undefined ? "does not exist" : "is not a directory"}`);
  }
  refuseMirrorOf(await readMirrorRecord(root), root);
  return {
    place: new DirectoryPlace(root),
    newName: basename(root),
    list: (options) => DirectoryContent.list(root, options),
    lock: () =>
      FileLock.acquire(join(root, lockName), (holder) => {
        const message = `${root} is being published by another process: ${holder}`;
        return new CliError(message, { exitCode: exitCodes.failed, hints: [waitAdvice] });
      }),
    async [Symbol.asyncDispose]() {
      // Nothing is open.
    },
  };
}

/** @throws {@link CliError} exit code 2: the address or a flag is wrong, or it is a mirror. */
export async function openStoreShelf(address: string, flags: StoreFlags, run: Run): Promise<Shelf> {
  await refuseMirror(address, flags, run);
  const place = await openPlace(address, flags, run);
  return {
    place,
    newName: place.label.slice(place.label.lastIndexOf("/") + 1),
    async list(options) {
      await place.assertUsable();
      const content = await StoredContent.list(place, options);
      const { items, leftOut } = content;
      return { items, leftOut, save: () => content.save(), async [Symbol.asyncDispose]() {} };
    },
    lock: (signal) => place.lock("publish", "published", signal),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

async function refuseMirror(address: string, flags: StoreFlags, run: Run): Promise<void> {
  await using mirrors = await openMirrors(address, flags, run);
  const location = resolvePlace(address);
  refuseMirrorOf(await readMirrorRecord(mirrors.mirrorAt(location)), location);
}

/** Subscribers would know its items by other ids than a mirror gives them, and see them change while a run is at work. */
function refuseMirrorOf(record: RecordedMirror | undefined, location: string): void {
  if (record === undefined) return;
  const what = `${location} is a mirror of library "${printable(record.library.name)}"`;
  throw usageError(record.isPublished ? `${what} that is published already` : what, mirrorAdvice);
}
