import { posix } from "node:path";
import type { Finding } from "./finding.ts";

const relativeImport = /\b(?:from|import)\s*\(?\s*(["'])(\.\.?\/[^"'\n]+)\1/g;

/** Where a folder imports another one. */
interface Arrow {
  readonly file: string;
  readonly line: number;
  readonly target: string;
}

/**
 * Finds folders of one package's `src` that import each other, directly or through others, so that none of them is below the
 * other. Ignores generated files, whose place the generator decides, and files directly in `src`, which are entries or
 * foundations.
 */
export function checkFloors(sources: ReadonlyMap<string, string>): readonly Finding[] {
  const arrows = new Map<string, Map<string, Arrow>>();
  for (const [file, text] of sources) {
    const from = floorOf(file);
    if (from === undefined) continue;
    for (const match of text.matchAll(relativeImport)) {
      const target = posix.join(posix.dirname(file), match[2] ?? "");
      const to = floorOf(target);
      if (to === undefined || to === from) continue;
      const known = arrows.get(from) ?? new Map<string, Arrow>();
      arrows.set(from, known);
      if (!known.has(to)) known.set(to, { file, line: text.slice(0, match.index).split("\n").length, target });
    }
  }
  const findings: Finding[] = [];
  for (const [from, targets] of arrows) {
    for (const [to, { file, line, target }] of targets) {
      if (!reaches(arrows, to, from)) continue;
      findings.push({
        file,
        line,
        rule: "floors",
        message: `${from} imports ${to} ("${posix.basename(target)}"), and ${to} imports ${from} too.`,
        fix: "move what both need to a folder below them.",
      });
    }
  }
  return findings;
}

/** The folder right below `src`, with the package's; `undefined` for files beside the folders and generated ones. */
function floorOf(file: string): string | undefined {
  const floor = /^(?:packages|apps|tooling)\/.*?\/src\/[^/]+(?=\/)/.exec(file)?.[0];
  return floor?.endsWith("/gen") ? undefined : floor;
}

function reaches(arrows: ReadonlyMap<string, ReadonlyMap<string, unknown>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(arrows.get(at)?.keys() ?? []));
  }
  return false;
}
