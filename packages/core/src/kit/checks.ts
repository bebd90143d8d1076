/** Refuses what cannot be an identifier or a name. `where` and `name` say which argument of what it is. */
export function checkText(where: string, name: string, value: unknown): asserts value is string {
  // What a search returns is destructured: its first element may not be there.
  if (value === undefined) throw new TypeError(`${where}: ${name} is undefined, as when nothing was found`);
  if (typeof value !== "string") throw new TypeError(`${where}: ${name} must be a string, not ${kindOf(value)}`);
  if (value === "") throw new TypeError(`${where}: ${name} is empty, as when nothing was found`);
  if (!value.isWellFormed()) throw new TypeError(`${where}: ${name} holds half of a surrogate pair`);
}

/** What kind of value something is, for a sentence. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}
