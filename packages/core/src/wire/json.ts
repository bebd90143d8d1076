import { parseJson } from "../kit/json.ts";

/**
 * How deep an answer may nest: the models need seven levels, and code that walks through it must not overflow the
 * stack.
 */
const deepest = 64;

/** The value of a JSON text, or what is wrong with it, as the end of a sentence. */
export type ReadJson = { readonly value: unknown } | { readonly mistake: string };

/** Parses the text of an answer. */
export function readJson(text: string): ReadJson {
  const value = parseJson(text);
  if (value === undefined) return { mistake: "is not JSON" };
  return isTooDeep(value) ? { mistake: "is nested too deeply" } : { value };
}

/** The value of a JSON text, or undefined where it cannot be that of an answer. */
export function tryJson(text: string): unknown {
  const read = readJson(text);
  return "value" in read ? read.value : undefined;
}

function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return false;
}
