import { dirname } from "node:path";
import { statOf, statPartial } from "@carrel/node-stream/fs";
import type { FileKind } from "@carrel/node-stream/fs";
import { formatBytes } from "../../output/format.ts";

/** What is there already of a file that is to be downloaded. Nothing is read of it. */
export interface AlreadyThere {
  /** Size of the file of that name. */
  readonly existingBytes?: number;
  /** Whether it is the size on the server's storage, where that is known. Disks may take less there than they are long. */
  readonly sameSize?: boolean;
  /** What has the file's name and is no file. */
  readonly obstacle?: FileKind;
  /** Size of what an earlier run left unfinished. */
  readonly partBytes?: number;
  /** How much of that a download would go on behind. */
  readonly resumeAtByte?: number;
}

/** A file that is to be downloaded. */
export interface WantedFile {
  readonly path: string;
  readonly file: string;
  readonly itemId: string;
  readonly origin: string;
  /** Bytes on the server's storage, where the file is there. */
  readonly storageBytes: number | undefined;
  /** Asked for only where something is unfinished. */
  readonly contentVersion: () => Promise<string | undefined>;
}

/** Returns what already exists of a file, and where a download would resume. */
export async function alreadyThere(wanted: WantedFile): Promise<AlreadyThere> {
  const { path, file, itemId, origin, storageBytes, contentVersion } = wanted;
  const [whole, part] = await Promise.all([
    seenAt(path),
    statPartial(dirname(path), { origin, itemId, file }, contentVersion),
  ]);
  const isFile = whole?.kind === "file";
  return {
    ...(whole !== undefined && !isFile && { obstacle: whole.kind }),
    ...(isFile && { existingBytes: whole.sizeBytes }),
    ...(isFile && storageBytes !== undefined && { sameSize: whole.sizeBytes === storageBytes }),
    ...(part && { partBytes: part.partBytes, resumeAtByte: part.resumeAtByte }),
  };
}

/** The same in words, such as `exists (2.0 KiB, size differs)`; empty where nothing exists. */
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
  // What cannot be inspected is reported when it is written to.
  return statOf(path).catch(() => undefined);
}
