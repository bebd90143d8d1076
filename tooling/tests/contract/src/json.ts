/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Whether a value is an object with members. */
export function isMembers(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the value with each string replaced. */
export function mapStrings(
  value: Json,
  change: (text: string, name: string | undefined) => string,
  name?: string,
): Json {
  if (typeof value === "string") return change(value, name);
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => mapStrings(each, change, name));
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapStrings(member, change, key)]));
}
