/** @throws RangeError where an option is not a whole number within the bounds. */
export function wholeNumber(name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`${name} must be a whole number ${bounds}, not ${String(value)}`);
}
