import { posix } from "node:path";
import type { Finding } from "./finding.ts";

/** What the comment of an entry for this project alone says, and the docstring of everything that it exports. */
const stamp = /follows?\s+(?:\*\s+)?semantic\s+(?:\*\s+)?versioning/u;

const entryPath = /^packages\/[^/]+\/src\/[^/]+\.ts$/u;
const exported = /export (?:type )?\{([^}]*)\} from "([^"]+)"/gu;

/**
 * Finds exports of the project's own entries (`/kit`, `/fs`) whose docstring does not say that they do not follow semantic
 * versioning: an editor shows the docstring, and not the entry that a name came from. What a public entry of another package
 * exports in turn is public.
 */
export function checkStamps(texts: ReadonlyMap<string, string>): readonly Finding[] {
  const findings: Finding[] = [];
  const entries = [...texts].filter(([path]) => entryPath.test(path));
  const isOwn = (text: string): boolean => stamp.test(/^\/\*\*[^]*?\*\//u.exec(text)?.[0] ?? "");
  const inTurn = entries.flatMap(([, text]) => (isOwn(text) ? [] : exportsOf(text)));
  const isPublic = (name: string): boolean => inTurn.some((each) => each.name === name && !each.path.startsWith("."));
  for (const [entry, text] of entries) {
    if (!isOwn(text)) continue;
    for (const { name, path } of exportsOf(text)) {
      const file = posix.join(posix.dirname(entry), path);
      if (isPublic(name)) continue;
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
  return findings;
}

function exportsOf(text: string): readonly { readonly name: string; readonly path: string }[] {
  return [...text.matchAll(exported)].flatMap(([, names = "", path = ""]) =>
    names.split(",").flatMap((each) => (each.trim() === "" ? [] : [{ name: each.trim(), path }])),
  );
}

/** Returns the comment before the declaration of a name; undefined if the file does not declare it, as generated files do. */
function docstringOf(text: string, name: string): string | undefined {
  const words = String.raw`(?:abstract |async )*(?:const|let|class|interface|type|function\*?)`;
  const declared = new RegExp(String.raw`(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?export ${words} ${name}\b`, "u").exec(text);
  return declared === null ? undefined : (declared[1] ?? "");
}
