/**
 * The numbers that an option may have: finite ones within the bounds, and infinity only where `to` is infinity.
 * Does not follow semantic versioning.
 */
export interface NumberRange {
  /** The least number. */
  readonly from?: number;
  /** The largest number. */
  readonly to?: number;
  /** The number must be larger. */
  readonly above?: number;
  /** The number must be smaller. */
  readonly below?: number;
  /** Only whole numbers. */
  readonly whole?: boolean;
}

/**
 * Checks an option that is a number. Does not follow semantic versioning.
 *
 * @param name - How the caller writes the option, such as `retry.limit`.
 * @throws TypeError where it is not a number.
 * @throws RangeError where it is out of range, such as `renewAt must be between 0 and 1 (exclusive): got 0`.
 */
export function checkNumber(name: string, value: unknown, range: NumberRange): asserts value is number {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number: got ${shown(value)}`);
  const { from = -Number.MAX_VALUE, to = Number.MAX_VALUE, above, below, whole } = range;
  const isBetween = (above === undefined || value > above) && (below === undefined || value < below);
  if (value >= from && value <= to && isBetween && (!whole || Number.isSafeInteger(value))) return;
  throw new RangeError(`${name} must be ${rangeText(range)}: got ${value}`);
}

/**
 * Checks an option that is one of a few texts. Does not follow semantic versioning.
 * @throws TypeError where it is anything else, such as `wire must be "api", "rest" or "auto": got "soap"`.
 */
export function checkOneOf<const T extends string>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): asserts value is T {
  if (allowed.some((each) => each === value)) return;
  const [last = "", ...others] = allowed.map((each) => JSON.stringify(each)).toReversed();
  const choice = others.length === 0 ? last : `${others.toReversed().join(", ")} or ${last}`;
  throw new TypeError(`${name} must be ${choice}: got ${shown(value)}`);
}

/**
 * Checks an identifier or a name. Does not follow semantic versioning.
 *
 * @param name - Which argument of what it is, such as `lease: itemId`.
 * @throws TypeError where it is not a string, or an empty or malformed one.
 */
export function checkText(name: string, value: unknown): asserts value is string {
  // The result of a search is often destructured, and then its first element may be missing.
  if (value === undefined) throw new TypeError(`${name} is undefined, as when nothing was found`);
  if (typeof value !== "string") throw new TypeError(`${name} must be a string: got ${shown(value)}`);
  if (value === "") throw new TypeError(`${name} is empty, as when nothing was found`);
  if (!value.isWellFormed()) throw new TypeError(`${name} must be well-formed: it contains half of a surrogate pair`);
}

/** A value for a message: short, and of an object or a function its kind only. Does not follow semantic versioning. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  return String(value);
}

function rangeText({ from, to, above, below, whole }: NumberRange): string {
  const kind = whole ? "a whole number" : "a number";
  if (above !== undefined && below !== undefined) return `between ${above} and ${below} (exclusive)`;
  if (above !== undefined) return `${kind} above ${above}`;
  if (below !== undefined) return `${kind} below ${below}`;
  if (from !== undefined && to !== undefined && to !== Infinity) return `${kind} from ${from} to ${to}`;
  if (from !== undefined) return `${kind} of at least ${from}`;
  return to === undefined ? kind : `${kind} of at most ${to}`;
}
