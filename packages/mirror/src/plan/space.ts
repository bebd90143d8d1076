import { defined } from "@carrel/core/kit";
import { bytesText, quote } from "@carrel/node-stream/fs";
import type { MirrorStep } from "./compare.ts";
import { MirrorError } from "../errors.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import { incomingDirectoryFor } from "../place/names.ts";
import type { Comparison } from "./plan.ts";
import { sumOf } from "../record/record-text.ts";
import type { RecordedItem } from "../record/record-text.ts";
import type { MirrorSpace } from "../report.ts";

/**
 * Measures what a run needs of the disk, by what items take on the server's storage.
 * @param deleted - Items that are deleted first.
 */
export async function measureSpace(
  place: MirrorPlace,
  { steps }: Comparison,
  deleted: readonly RecordedItem[],
): Promise<MirrorSpace> {
  let fetchBytes = 0;
  let growthBytes = -deleted.reduce((sum, { files }) => sum + sumOf(files), 0);
  for (const step of steps) {
    const { most, net } = needOf(step);
    const partBytes = most > 0 ? await place.arrivedBytes(incomingDirectoryFor(step.item), step.directory) : 0;
    fetchBytes += Math.max(0, most - partBytes);
    growthBytes += net - Math.min(most, partBytes);
  }
  return { fetchBytes, growthBytes, ...defined({ freeBytes: await place.freeBytes() }) };
}

/** Returns how many bytes are fetched at most, and by how many the mirror grows in the end. */
function needOf({ action, item, before, missing, freeDirectory }: MirrorStep): {
  readonly most: number;
  readonly net: number;
} {
  const now = before?.files.filter(({ gone }) => !gone) ?? [];
  switch (action) {
    case "none":
    case "renamed":
      return { most: 0, net: 0 };
    case "incomplete": {
      // What has another size now takes some room already; how much a run frees is not known.
      const bytes = sumOf(now.filter(({ name }) => missing.includes(name)));
      return { most: bytes, net: 0 };
    }
    case "new":
    case "changed":
      // What subscribers may be reading stays.
      return { most: item.sizeBytes, net: item.sizeBytes - (freeDirectory === undefined ? sumOf(now) : 0) };
    default:
      return action satisfies never;
  }
}

/** @throws {@link MirrorError} `no-space`. */
export function assertSpace(root: string, { growthBytes, freeBytes = Infinity }: MirrorSpace): void {
  if (growthBytes <= freeBytes) return;
  throw new MirrorError(
    `Cannot mirror to ${quote(root)}: needs ${bytesText(growthBytes)}, ${bytesText(freeBytes)} are free`,
    { problem: "no-space", path: root },
  );
}
