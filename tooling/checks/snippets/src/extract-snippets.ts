import type { Snippet } from "./snippet.ts";

/** The TypeScript examples of a text: fenced blocks of a README, or of the docstrings in a source file. */
export function extractSnippets(file: string, text: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  let open: { readonly line: number; readonly lines: string[] } | undefined;
  text.split("\n").forEach((raw, index) => {
    const line = file.endsWith(".md") ? raw : docLine(raw);
    if (line === undefined) {
      open = undefined;
      return;
    }
    if (!open) {
      if (/^```ts\s*$/.test(line)) open = { line: index + 1, lines: [] };
      return;
    }
    if (!/^```\s*$/.test(line)) {
      open.lines.push(line);
      return;
    }
    snippets.push({ place: `${file}:${open.line}`, code: open.lines.join("\n") });
    open = undefined;
  });
  return snippets;
}

/** The text of a docstring line; undefined outside of docstrings. */
function docLine(line: string): string | undefined {
  return /^\s*\* ?(?!\/)(.*)$/.exec(line)?.[1];
}
