import type { Finding } from "./finding.ts";

/** Lengths of the hand-written source files. `max-lines` of oxlint limits each of them. */
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

/** Files up to this length count as short. */
const shortLines = 20;

/**
 * Finds packages and apps that are cut into fragments: with more short files than three, and than one in ten. A file answers a
 * question, and few questions are answered in so few lines.
 */
export function checkShortFiles(files: ReadonlyMap<string, string>): readonly Finding[] {
  const byPackage = Map.groupBy(
    [...files].filter(([file]) => !file.startsWith("tooling/")),
    ([file]) => file.split("/").slice(0, 2).join("/"),
  );
  return [...byPackage].flatMap(([folder, own]) => {
    const short = own.filter(([, text]) => text.split("\n").length <= shortLines + 1).map(([file]) => file);
    if (short.length <= Math.max(3, own.length / 10)) return [];
    return [
      {
        file: folder,
        line: 1,
        rule: "short-files",
        message: `${short.length} of ${own.length} source files have at most ${shortLines} lines: ${short.join(", ")}.`,
        fix: "merge files that answer one question.",
      },
    ];
  });
}
