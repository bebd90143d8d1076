/** Where a text stops being JSON. Lines and columns count from 1. */
export interface JsonMistake {
  readonly line: number;
  readonly column: number;
}

/** Deeper than that nothing is looked for: the stack would not bear it. */
const deepest = 500;
const space = /[ \t\r\n]*/y;
const key = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const scalar = new RegExp(`${key.source}|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null`, "uy");

/** Finds the first mistake in a text that is not JSON; `JSON.parse` tells the position of some mistakes only. */
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
