import { posix } from "node:path";
import type { Finding } from "./finding.ts";

/** What the comment of an entry for this project alone says, and the docstring of everything that it exports. */
const stamp = /follows?\s+(?:\*\s+)?semantic\s+(?:\*\s+)?versioning/u;

/**
 * Finds exports of the project's own entries (`/kit`, `/fs`) whose docstring does not say that they do not follow semantic
 * versioning: an editor shows the docstring, and not the entry that a name came from.
 */
export function checkStamps(texts: ReadonlyMap<string, string>): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [entry, text] of texts) {
    if (!/^packages\/[^/]+\/src\/[^/]+\.ts$/u.test(entry) || !stamp.test(/^\/\*\*[^]*?\*\//u.exec(text)?.[0] ?? "")) {
      continue;
    }
    for (const [, names = "", path = ""] of text.matchAll(/export (?:type )?\{([^}]*)\} from "([^"]+)"/gu)) {
      const file = posix.join(posix.dirname(entry), path);
      for (const name of names.split(",").flatMap((each) => each.trim() || [])) {
        const docstring = docstringOf(texts.get(file) ?? "", name);
        if (docstring === undefined || stamp.test(docstring)) continue;
        findings.push({
          file,
          line: 1,
          rule: "stamp",
          message: `"${name}", which ${entry} exports, does not say that it does not follow semantic versioning.`,
          fix: "say so at the end of its docstring.",
        });
      }
    }
  }
  return findings;
}

/** Returns the comment before the declaration of a name; undefined if the file does not declare it, as generated files do. */
function docstringOf(text: string, name: string): string | undefined {
  const words = String.raw`(?:abstract |async )*(?:const|let|class|interface|type|function\*?)`;
  const declared = new RegExp(String.raw`(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?export ${words} ${name}\b`, "u").exec(text);
  return declared === null ? undefined : (declared[1] ?? "");
}
