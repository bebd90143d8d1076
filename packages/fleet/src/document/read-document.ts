import { Document, LineCounter, parseDocument } from "yaml";
import type { Node, YAMLError } from "yaml";
import { documentShape } from "./document-shape.ts";
import type { FleetDocument } from "./fleet-document.ts";
import { pathText } from "./mistakes.ts";
import type { Complaint, DocumentMistake, KeyPath } from "./mistakes.ts";
import { NodeChecker } from "./node-checker.ts";
import { checkRelations } from "./relations.ts";
import type { PartialDocument } from "./relations.ts";

/** What was read: the document, or all that is wrong with it. */
export type ReadDocument =
  | { readonly document: FleetDocument; readonly mistakes: readonly [] }
  | { readonly document?: undefined; readonly mistakes: readonly DocumentMistake[] };

/** More than a thousand mirrors need. */
const limitCharacters = 4 * 1024 * 1024;

/**
 * Reads a fleet document from YAML or JSON, and finds every mistake in it, each with its line and column. Reads no file, and asks
 * no server. Never throws because of what the text says.
 *
 * @example
 * ```ts
 * import { readFleetDocument } from "@carrel/fleet/document";
 *
 * const { document, mistakes } = readFleetDocument("vcenters: {}\ntargets: {}\nmirrors: {}\n");
 * for (const { line, column, path, message } of mistakes) console.log(`${line}:${column} ${path}: ${message}`);
 * console.log(Object.keys(document?.mirrors ?? {}).length);
 * ```
 */
export function readFleetDocument(text: string): ReadDocument {
  if (text.length > limitCharacters) {
    const message = `The document has more than ${limitCharacters} characters`;
    return { mistakes: [{ problem: "value", path: "", line: 1, column: 1, message }] };
  }
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const faults = [...parsed.errors, ...parsed.warnings];
  if (faults.length > 0) return { mistakes: syntaxMistakes(text, faults, lines) };
  return read(parsed, (node) => {
    const { line, col: column } = lines.linePos(node?.range?.[0] ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, column) };
  });
}

/** One mistake for each line: the parser has several remarks on what follows from the first. */
function syntaxMistakes(
  text: string,
  faults: readonly Pick<YAMLError, "pos" | "message">[],
  lines: LineCounter,
): readonly DocumentMistake[] {
  const found = new Map<number, DocumentMistake>();
  for (const { pos, message } of faults) {
    const { line, col: column } = lines.linePos(pos[0]);
    // Such as `cron: */5 * * * *`.
    const star = /^[^#"']*?:\s+(?=\*)/u.exec(text.split("\n")[line - 1] ?? "")?.[0];
    const mistake =
      star === undefined
        ? { column, message }
        : {
            column: star.length + 1,
            message: "A value that begins with * must be in quotes: YAML takes it for an alias",
          };
    if (!found.has(line)) found.set(line, { problem: "syntax", path: "", line, ...mistake });
  }
  return [...found.values()];
}

/** Finds every mistake in a document that was made by a program. They have no line and no column. */
export function checkFleetDocument(value: unknown): readonly DocumentMistake[] {
  return read(new Document(value, { aliasDuplicateObjects: false }), () => ({})).mistakes;
}

function read(
  parsed: Document,
  positionOf: (node: Node | null | undefined) => Pick<DocumentMistake, "line" | "column">,
): ReadDocument {
  const mistakes: DocumentMistake[] = [];
  const report = (complaint: Complaint, path: KeyPath, node: Node | null | undefined): void => {
    const position = positionOf(node ?? parsed.contents);
    mistakes.push({ path: pathText(path), ...position, ...complaint });
  };
  const checker = new NodeChecker(parsed, report);
  const document = checker.read(documentShape, parsed.contents, []) as PartialDocument;
  checkRelations(document, (complaint, path) => report(complaint, path, checker.nodeAt(path)));
  if (mistakes.length === 0) return { document: document as FleetDocument, mistakes: [] };
  const inOrder = ({ line = 0, column = 0 }: DocumentMistake): number => line * 1e6 + column;
  return { mistakes: mistakes.toSorted((one, other) => inOrder(one) - inOrder(other)) };
}
