import { readFile, unlink, writeFile } from "node:fs/promises";
import type { VerifiedBy } from "@carrel/core";
import type { Digest } from "../files/digest-algorithm.ts";
import { onDisk } from "../files/fs-error.ts";
import { readAtOnce } from "../files/stat.ts";
import { renameWithPatience } from "../files/durable-rename.ts";

/**
 * What an incomplete file is, kept beside it, so that a later run can go on. The digest is that of the first `bytes`
 * bytes: what does not have it (after a power cut, say) is not gone on with. Holds no address and nothing secret.
 */
export interface ResumeRecord {
  readonly format: 1;
  readonly origin: string;
  readonly itemId: string;
  readonly file: string;
  /** The item's content version; for a download without session the file's version. */
  readonly contentVersion: string;
  readonly bytes: number;
  readonly digest: Digest;
  /** Set once the file has its final name, while other files of the item are still missing. */
  readonly verifiedBy?: VerifiedBy;
}

/** Whether a record is about the same content of the same file. */
export function isSameContent(
  record: ResumeRecord,
  wanted: Pick<ResumeRecord, "origin" | "itemId" | "file" | "contentVersion">,
): boolean {
  return (
    record.origin === wanted.origin &&
    record.itemId === wanted.itemId &&
    record.file === wanted.file &&
    record.contentVersion === wanted.contentVersion
  );
}

/** Writes the record in one step: whoever reads it sees the one before or this one, whole. */
export async function writeRecord(path: string, record: ResumeRecord): Promise<void> {
  await onDisk("write", path, async () => {
    const draft = `${path}.tmp`;
    await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
    await renameWithPatience(draft, path);
  });
}

/** Reads a record; `undefined` where there is none that can be understood. */
export async function readRecord(path: string): Promise<ResumeRecord | undefined> {
  const text = await readFile(path, { encoding: "utf8", flag: readAtOnce }).catch(() => undefined);
  return text === undefined ? undefined : parseRecord(text);
}

export async function removeRecord(path: string): Promise<void> {
  await unlink(path).catch(() => {});
}

function parseRecord(text: string): ResumeRecord | undefined {
  try {
    const value = JSON.parse(text) as Partial<ResumeRecord> | null;
    const isWhole =
      value?.format === 1 &&
      [value.origin, value.itemId, value.file, value.contentVersion].every((member) => typeof member === "string") &&
      Number.isSafeInteger(value.bytes) &&
      (value.bytes ?? -1) >= 0 &&
      typeof value.digest?.hex === "string" &&
      ["sha1", "md5", "sha256", "sha512"].includes(value.digest.algorithm);
    return isWhole ? (value as ResumeRecord) : undefined;
  } catch {
    return undefined;
  }
}
