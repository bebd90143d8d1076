/** What is said of the lengths of the hand-written source files. That none is too long is oxlint's (`max-lines`). */
export interface Lengths {
  readonly files: number;
  readonly median: number;
  readonly longest: { readonly file: string; readonly lines: number };
}

/** Whether a file is source that a person wrote. */
export function isHandWritten(file: string): boolean {
  return /^[^/]+\/[^/]+(?:\/[^/]+)?\/src\//.test(file) && !file.endsWith(".gen.ts");
}

/** Measures files: path and text of each. Undefined when there are none. */
export function measureFiles(files: ReadonlyMap<string, string>): Lengths | undefined {
  const measured = [...files]
    .map(([file, text]) => ({ file, lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0) }))
    .toSorted((a, b) => a.lines - b.lines);
  const longest = measured.at(-1);
  const middle = measured.length / 2;
  const [low, high] = [measured[Math.ceil(middle) - 1], measured[Math.floor(middle)]];
  if (!longest || !low || !high) return undefined;
  return { files: measured.length, median: (low.lines + high.lines) / 2, longest };
}
