/** An import, a re-export or a dynamic import. */
export interface Import {
  readonly specifier: string;
  /** Counts from 1. */
  readonly line: number;
}

const pattern = /\b(?:from|import)\s*\(?\s*(["'])([^"'\n]+)\1/gu;

/** Finds the imports of a file, without those in comments and in quoted text. */
export function* importsOf(text: string): Generator<Import> {
  for (const match of text.matchAll(pattern)) {
    const before = text.slice(0, match.index).split("\n");
    if (/^\s*(?:\*|\/\*|\/\/)|["'`]/u.test(before.at(-1) ?? "")) continue;
    yield { specifier: match[2] ?? "", line: before.length };
  }
}
