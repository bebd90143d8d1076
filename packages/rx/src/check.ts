/** The longest time that a platform timer takes. */
const longestMs = 0x7fff_ffff;

/** Refuses a name or identifier that cannot be one. */
export function checkText(where: string, name: string, value: unknown): void {
  if (typeof value !== "string" || value === "")
    throw new TypeError(`${where}: ${name} must be a string that is not empty`);
}

/** Refuses a time that a timer cannot wait. */
export function checkMs(where: string, name: string, value: unknown, least: 0 | 1 = 0): void {
  if (typeof value !== "number" || !(value >= least && value <= longestMs)) {
    throw new TypeError(`${where}: ${name} must be a number from ${least} to ${longestMs}, not ${String(value)}`);
  }
}
