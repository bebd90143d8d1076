import { ConcurrencyLimit } from "@carrel/node-stream";
import { placeOf } from "../place/disk-place.ts";
import type { MirrorEvent } from "../events.ts";
import type { HandOver } from "./hand-over.ts";
import type { MirrorOptions } from "./mirror-options.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import { refuseNested } from "../record/outer-library.ts";
import { MirrorRun } from "./mirror-run.ts";
import type { MirrorSource } from "../library/mirror-source.ts";
import type { MirrorReport } from "../report.ts";

/**
 * Options of {@link planMirror}.
 *
 * @private Does not follow semantic versioning.
 */
export interface PlanOptions extends Pick<
  MirrorOptions,
  "delete" | "maxDelete" | "deleteAfterMs" | "publish" | "select" | "checkSpace"
> {
  readonly handOver: HandOver;
  readonly onEvent: (event: MirrorEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Does all that a run of a mirror does but for the updates of items, which are handed over. Holds the lock of the mirror meanwhile.
 *
 * @throws {@link MirrorError} `inside-other`: it is inside another mirror or published library. `incomplete`: some items cannot be updated or deleted; the others were handed over.
 * @private Does not follow semantic versioning.
 */
export async function planMirror(
  source: MirrorSource,
  libraryId: string,
  directory: string | URL | MirrorPlace,
  { handOver, onEvent: emit, signal, ...options }: PlanOptions,
): Promise<MirrorReport> {
  const place = placeOf(directory);
  await refuseNested(place);
  const concurrency = new ConcurrencyLimit(1);
  const job = { source, libraryId, place, options, concurrency, rateLimit: undefined, emit, signal, handOver };
  return await new MirrorRun(job).run();
}
