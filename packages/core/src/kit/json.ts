/** The value of a JSON text; undefined where the text is not JSON. Does not follow semantic versioning. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    return undefined;
  }
}

/** Where a text stops being JSON. Lines and columns count from 1. Does not follow semantic versioning. */
export interface JsonMistake {
  readonly line: number;
  readonly column: number;
}

/** Nothing below this depth is examined: the stack would overflow. */
const deepest = 500;
const space = /[ \t\r\n]*/uy;
const key = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const scalar = new RegExp(`${key.source}|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null`, "uy");

/**
 * Finds the first mistake in a text that is not JSON; `JSON.parse` reports the position of some mistakes only.
 * Does not follow semantic versioning.
 */
export function findJsonMistake(text: string): JsonMistake {
  let at = 0;
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length;
    at += length ?? 0;
    return length !== undefined;
  };
  const eatCharacter = (character: string): boolean => {
    eat(space);
    const found = text[at] === character;
    if (found) at += 1;
    return found;
  };
  let depth = 0;
  const value = (): boolean => {
    eat(space);
    if (depth > deepest) return false;
    depth += 1;
    const isGood = nested();
    depth -= 1;
    return isGood;
  };
  const nested = (): boolean => {
    if (eatCharacter("{")) return eatCharacter("}") || series(member, "}");
    if (eatCharacter("[")) return eatCharacter("]") || series(value, "]");
    return eat(scalar);
  };
  const member = (): boolean => {
    eat(space);
    return eat(key) && eatCharacter(":") && value();
  };
  const series = (element: () => boolean, end: string): boolean => {
    do {
      if (!element()) return false;
    } while (eatCharacter(","));
    return eatCharacter(end);
  };
  value();
  eat(space);
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
