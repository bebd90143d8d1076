/** How deep an answer may nest: its models need seven levels, and what walks through it must not run out of stack. */
const deepest = 64;

/** The value of a JSON text, or what is wrong with it, as the end of a sentence. */
export type ParsedJson = { readonly value: unknown } | { readonly mistake: string };

/** Parses an answer's text. */
export function parseJson(text: string): ParsedJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    return { mistake: "is not JSON" };
  }
  return isTooDeep(value) ? { mistake: "is nested too deeply" } : { value };
}

/** The value of a JSON text, or undefined where it cannot be an answer's. */
export function tryJson(text: string): unknown {
  const parsed = parseJson(text);
  return "value" in parsed ? parsed.value : undefined;
}

function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return false;
}
