const mebibyte = 1_048_576;
/** The least that stores accept for a part other than the last is 5 MiB. */
export const leastPartBytes: number = 5 * mebibyte;
const usualPartBytes = 8 * mebibyte;
/** Of 10,000 that a store takes: the rest is for files that are longer than the server stated. */
const plannedParts = 9_000;
/** Where the length is unknown, parts are twice as long after that many. */
const partsOfOneSize = 1_000;

/** How long the parts of a file are: the same for every run that works on it. */
export interface PartPlan {
  readonly partBytes: number;
  readonly isSizeKnown: boolean;
}

/**
 * Plans the parts of a file: 8 MiB, or as much more as 9,000 parts need; where the length is unknown, parts grow.
 *
 * @param smallest - Of a part, in bytes.
 */
export function planParts(sizeBytes: number | undefined, smallest: number = usualPartBytes): PartPlan {
  if (sizeBytes === undefined) return { partBytes: smallest, isSizeKnown: false };
  const needed = Math.ceil(sizeBytes / plannedParts / mebibyte) * mebibyte;
  return { partBytes: Math.max(smallest, needed), isSizeKnown: true };
}

/** Returns the length of a part, counted from 1, if it is not the last one. */
export function partLength({ isSizeKnown, partBytes }: PartPlan, number: number): number {
  if (isSizeKnown) return number <= plannedParts ? partBytes : 16 * partBytes;
  return partBytes * 2 ** Math.floor((number - 1) / partsOfOneSize);
}
