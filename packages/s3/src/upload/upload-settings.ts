import { checkNumber } from "@carrel/core/kit";
import { leastPartBytes } from "./part-plan.ts";

const defaultPartBytes = 8_388_608;
const defaultPartsInFlight = 3;
const mostPartsInFlight = 64;

/** How files are uploaded. */
export interface UploadSettings {
  readonly smallestPartBytes: number;
  readonly partsInFlight: number;
}

/**
 * Checks the options of uploads, and completes them.
 * @throws `TypeError` or `RangeError`: one of them is wrong.
 */
export function readUploadSettings({
  partBytes = defaultPartBytes,
  partsInFlight = defaultPartsInFlight,
}: {
  readonly partBytes?: number | undefined;
  readonly partsInFlight?: number | undefined;
}): UploadSettings {
  checkNumber("partBytes", partBytes, { from: leastPartBytes, whole: true });
  checkNumber("partsInFlight", partsInFlight, { from: 1, to: mostPartsInFlight, whole: true });
  return { smallestPartBytes: partBytes, partsInFlight };
}
