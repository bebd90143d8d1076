import type { FileKind } from "@carrel/node-stream/fs";
import { statOf } from "@carrel/node-stream/fs";
import type { Sink } from "@carrel/node-stream";
import { defined } from "@carrel/core/kit";
import { formatBytes } from "../../output/format.ts";
import { isStore } from "../../output/place-path.ts";

/** A place for the files of an item. */
export type ItemPlace = Awaited<ReturnType<Sink["open"]>>;

/** What exists of a file that is to be downloaded, by its names and sizes. */
interface AlreadyThere {
  /** Size of the file of that name. */
  readonly existingBytes?: number;
  /** Whether that is the size on the server's storage, where it is known. Disks may use less there than their length. */
  readonly sameSize?: boolean;
  /** What has the file's name and is not a file. */
  readonly obstacle?: FileKind;
  /** Size of the partial file that an earlier run left. */
  readonly partBytes?: number;
  /** The byte at which a download would resume. */
  readonly resumeAtByte?: number;
}

/** A file that is to be downloaded. */
interface WantedFile {
  readonly path: string;
  readonly file: string;
  /** Bytes that the file uses on the server's storage, where its content is there. */
  readonly sizeBytes: number | undefined;
  /** Called only where there is a partial file. */
  readonly contentVersion: () => Promise<string | undefined>;
}

/** Returns what already exists of a file, and where a download would resume. */
export async function alreadyThere(place: ItemPlace, wanted: WantedFile): Promise<AlreadyThere> {
  const { path, file, sizeBytes, contentVersion } = wanted;
  const [whole, part] = await Promise.all([
    isStore(path) ? objectAt(place, file) : seenAt(path),
    place.statPartial?.(file, contentVersion),
  ]);
  const obstacle = whole?.kind === "file" ? undefined : whole?.kind;
  const existingBytes = obstacle === undefined ? whole?.sizeBytes : undefined;
  const sameSize = existingBytes === undefined || sizeBytes === undefined ? undefined : existingBytes === sizeBytes;
  return defined({ obstacle, existingBytes, sameSize, partBytes: part?.partBytes, resumeAtByte: part?.resumeAtByte });
}

/** Describes it, for example `exists (2.0 KiB, size differs)`; empty where nothing exists. */
export function describeThere({ existingBytes, sameSize, obstacle, partBytes, resumeAtByte }: AlreadyThere): string {
  const words: string[] = [];
  if (obstacle !== undefined) words.push(`a ${obstacle} of that name exists`);
  if (existingBytes !== undefined) {
    const size = sameSize === undefined ? "" : sameSize ? ", same size" : ", size differs";
    words.push(`exists (${formatBytes(existingBytes)}${size})`);
  }
  if (partBytes !== undefined) {
    words.push(
      resumeAtByte
        ? `resumes at ${formatBytes(resumeAtByte)}`
        : `partial file of ${formatBytes(partBytes)} cannot be resumed`,
    );
  }
  return words.join("; ");
}

async function seenAt(path: string): Promise<Awaited<ReturnType<typeof statOf>>> {
  // A path that cannot be read is an error of the download that writes to it, not of this listing.
  return statOf(path).catch(() => undefined);
}

async function objectAt(place: ItemPlace, file: string): Promise<{ kind: FileKind; sizeBytes: number } | undefined> {
  const found = await place.stat(file);
  return found && { kind: "file", sizeBytes: found.sizeBytes };
}
