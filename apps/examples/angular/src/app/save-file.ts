import type { DownloadLease } from "@carrel/core";
import { openFile, readBlob } from "@carrel/web-stream";

/**
 * Saves a file once it is whole, and returns what it was verified by. It is held in memory until then, so this is for files of up to
 * 256 MiB. For larger ones, pipe the stream to a file of `showSaveFilePicker()`, or link to the transfer URL, which the browser
 * downloads without verifying it.
 */
export async function saveFile(
  lease: DownloadLease,
  fileName: string,
  onPercent: (percent: number) => void,
): Promise<string> {
  const stream = await openFile(lease, fileName);
  const timer = setInterval(() => onPercent((100 * stream.receivedBytes) / (stream.totalBytes ?? Infinity)), 100);
  try {
    const url = URL.createObjectURL(await readBlob(stream));
    const link = Object.assign(document.createElement("a"), { href: url, download: fileName });
    link.click();
    URL.revokeObjectURL(url);
    return stream.facts?.verifiedBy ?? "nothing";
  } finally {
    clearInterval(timer);
  }
}
