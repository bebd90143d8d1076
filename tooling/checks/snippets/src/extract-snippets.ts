import type { Snippet } from "./snippet.ts";

/** The TypeScript examples of a text: fenced blocks of a README, or of the docstrings in a source file. */
export function extractSnippets(file: string, text: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  let open: { readonly line: number; readonly language: Snippet["language"]; readonly lines: string[] } | undefined;
  text.split("\n").forEach((raw, index) => {
    const line = file.endsWith(".md") ? raw : docLine(raw);
    if (line === undefined) {
      open = undefined;
      return;
    }
    if (!open) {
      const [, language] = /^```(tsx?)\s*$/u.exec(line) ?? [];
      if (language === "ts" || language === "tsx") open = { line: index + 1, language, lines: [] };
      return;
    }
    if (!/^```\s*$/.test(line)) {
      open.lines.push(line);
      return;
    }
    snippets.push({ place: `${file}:${open.line}`, language: open.language, code: open.lines.join("\n") });
    open = undefined;
  });
  return snippets;
}

/** The text of a docstring line; undefined outside of docstrings. */
function docLine(line: string): string | undefined {
  return /^\s*\* ?(?!\/)(.*)$/.exec(line)?.[1];
}
