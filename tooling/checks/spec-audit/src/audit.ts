import { AuditLog } from "./audit-log.ts";
import { compareOperation } from "./compare-operation.ts";
import { ShapeComparison } from "./compare-shapes.ts";
import type { Document, Operation, Style } from "./document.ts";
import { matchOperations } from "./match-operations.ts";
import { pathFamily } from "./path-key.ts";

/** The outcome of comparing our two files with one of the vendor's. */
export interface Audit {
  readonly log: AuditLog;
  /** Styles that the vendor's file describes. */
  readonly styles: readonly Style[];
  /** Our operations that were compared, each style counted. */
  readonly compared: number;
  /** Our operations of a part of the API that the file does not describe at all. */
  readonly elsewhere: readonly Operation[];
  /** The vendor's operations that we do not have: out of scope. */
  readonly outOfScope: number;
}

/** Compares `ours`, one document for each style, with the vendor's file. */
export function audit(ours: Readonly<Record<Style, Document>>, theirs: Document): Audit {
  const log = new AuditLog(theirs.version);
  const families = new Set(theirs.operations.map((operation) => family(operation)));
  const styles = (["rest", "api"] as const).filter((style) =>
    theirs.operations.some((operation) => operation.style === style),
  );
  const elsewhere: Operation[] = [];
  let compared = 0;
  let outOfScope = 0;
  for (const style of styles) {
    const described = ours[style].operations.filter((operation) => families.has(family(operation)));
    elsewhere.push(...ours[style].operations.filter((operation) => !families.has(family(operation))));
    const vendors = theirs.operations.filter((operation) => operation.style === style);
    const { pairs, onlyOurs, onlyTheirs } = matchOperations(described, vendors);
    const shapes = new ShapeComparison(log, style, ours[style], theirs);
    for (const [own, other] of pairs) compareOperation(log, shapes, own, other);
    for (const { style: of, path, why } of theirs.broken) if (of === style) log.add(style, path, "broken", "path", why);
    for (const own of onlyOurs) log.add(style, own.label, "extra", "operation", `${own.method} ${own.path}`);
    compared += pairs.length;
    outOfScope += onlyTheirs.length;
  }
  return { log, styles, compared, elsewhere, outOfScope };
}

function family({ style, path }: Operation): string {
  return `${style} ${pathFamily(style, path)}`;
}
