import { TransferError } from "@carrel/core";
import type { DownloadSpace } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { bytesText } from "../files/free-space.ts";
import { quote } from "@carrel/core/transfer";
import type { ItemSink } from "../sink/sink.ts";
import type { DownloadItemOptions } from "./download-item-options.ts";
import type { SourceFile } from "@carrel/core/transfer";

/**
 * Measures what a download needs of a place, by names and sizes; `undefined` where the place cannot tell. Never more than it
 * really needs: what exists and has the right size counts as kept.
 */
export async function measureSpace(
  sink: ItemSink,
  files: readonly SourceFile[],
  existing: DownloadItemOptions["existing"] = "resume",
): Promise<DownloadSpace | undefined> {
  if (sink.freeBytes === undefined || sink.partialBytes === undefined) return undefined;
  let neededBytes = 0;
  let thereBytes = 0;
  let unknownFiles = 0;
  for (const { name, sizeBytes } of files) {
    // What cannot be looked at is an error of the download that writes to it.
    const found = existing === "overwrite" ? undefined : await sink.stat(name).catch(() => undefined);
    if (found !== undefined && (existing === "skip" || (sizeBytes ?? found.sizeBytes) === found.sizeBytes)) {
      thereBytes += found.sizeBytes;
    } else if (sizeBytes === undefined) {
      unknownFiles += 1;
    } else {
      // A download resumes there, or deletes it first.
      const partBytes = Math.min(sizeBytes, await sink.partialBytes(name));
      neededBytes += sizeBytes - partBytes;
      if (existing === "resume" || existing === "skip") thereBytes += partBytes;
    }
  }
  return { neededBytes, thereBytes, unknownFiles, ...defined({ freeBytes: await sink.freeBytes() }) };
}

/** @throws {@link TransferError} `no-space`. */
export function assertSpace(location: string, { neededBytes, freeBytes = Infinity }: DownloadSpace): void {
  if (neededBytes <= freeBytes) return;
  throw new TransferError(
    `Cannot download to ${quote(location)}: needs ${bytesText(neededBytes)}, ${bytesText(freeBytes)} are free`,
    { problem: "no-space", path: location },
  );
}
