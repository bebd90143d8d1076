/** The longest time that a platform timer takes. */
const longestMs = 0x7fff_ffff;

/** Refuses a name or identifier that cannot be one. */
export function checkText(where: string, name: string, value: unknown): void {
  if (value === undefined || value === "") {
    const what = value === "" ? "empty" : "undefined";
    throw new TypeError(`${where}: ${name} is ${what}, as when nothing was found`);
  }
  if (typeof value !== "string") throw new TypeError(`${where}: ${name} must be a string, not ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}

/** Refuses a time that a timer cannot wait. */
export function checkMs(where: string, name: string, value: unknown, least: 0 | 1 = 0): void {
  if (typeof value !== "number" || !(value >= least && value <= longestMs)) {
    throw new TypeError(`${where}: ${name} must be a number from ${least} to ${longestMs}, not ${String(value)}`);
  }
}
