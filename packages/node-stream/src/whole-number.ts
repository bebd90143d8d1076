/** The longest time that a timer takes, in milliseconds: a little more than 24 days. A longer one would be over at once. */
export const longestMs = 0x7fff_ffff;

/** @throws RangeError where an option is not a whole number within the bounds. */
export function wholeNumber(name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`${name} must be a whole number ${bounds}, not ${String(value)}`);
}
