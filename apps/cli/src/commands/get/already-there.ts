import { dirname } from "node:path";
import { lookAt, unfinished } from "@carrel/node-stream/internal";
import type { Kind } from "@carrel/node-stream/internal";
import { formatBytes } from "../../output/format.ts";

/** What is there already of a file that is to be downloaded. Nothing is read of it. */
export interface AlreadyThere {
  /** Size of the file of that name. */
  readonly thereBytes?: number;
  /** Whether it is the size on the server's storage, where that is known. Disks may take less there than they are long. */
  readonly sameSize?: boolean;
  /** What has the file's name and is no file. */
  readonly inTheWay?: Kind;
  /** Size of what an earlier run left unfinished. */
  readonly partBytes?: number;
  /** How much of that a download would go on behind. */
  readonly goesOnAtByte?: number;
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

/** Looks what is there already of a file, and what of it a download would go on with. */
export async function alreadyThere(wanted: WantedFile): Promise<AlreadyThere> {
  const { path, file, itemId, origin, storageBytes, contentVersion } = wanted;
  const [whole, part] = await Promise.all([
    seenAt(path),
    unfinished(dirname(path), { origin, itemId, file }, contentVersion),
  ]);
  const isFile = whole?.kind === "file";
  return {
    ...(whole !== undefined && !isFile && { inTheWay: whole.kind }),
    ...(isFile && { thereBytes: whole.sizeBytes }),
    ...(isFile && storageBytes !== undefined && { sameSize: whole.sizeBytes === storageBytes }),
    ...(part && { partBytes: part.partBytes, goesOnAtByte: part.resumeAtByte }),
  };
}

/** The same in words, such as `2.0 KiB of that name are there`; empty where nothing is. */
export function describeThere({ thereBytes, sameSize, inTheWay, partBytes, goesOnAtByte }: AlreadyThere): string {
  const words: string[] = [];
  if (inTheWay !== undefined) words.push(`a ${inTheWay} is in the way`);
  if (thereBytes !== undefined) {
    const size = sameSize === undefined ? "" : sameSize ? ", the same size" : ", another size";
    words.push(`${formatBytes(thereBytes)} of that name are there${size}`);
  }
  if (partBytes !== undefined) {
    words.push(
      goesOnAtByte ? `goes on behind ${formatBytes(goesOnAtByte)}` : `${formatBytes(partBytes)} unfinished, of no use`,
    );
  }
  return words.join("; ");
}

async function seenAt(path: string): Promise<Awaited<ReturnType<typeof lookAt>>> {
  // What cannot be looked at is told of when it is written to.
  return lookAt(path).catch(() => undefined);
}
