import type { AuditLog } from "./audit-log.ts";
import type { ShapeComparison } from "./compare-shapes.ts";
import type { Operation, Parameter } from "./document.ts";

/** Compares one operation of ours with the vendor's, its models included. */
export function compareOperation(log: AuditLog, shapes: ShapeComparison, ours: Operation, theirs: Operation): void {
  log.subjects[ours.style].add(ours.label);
  for (const [part, why] of [...theirs.broken, ...ours.broken]) log.add(ours.style, ours.label, "broken", part, why);
  comparePath(log, ours, theirs);
  compareParameters(log, shapes, ours, theirs);
  compareBody(log, shapes, ours, theirs);
  compareResponses(log, shapes, ours, theirs);
}

/** Names of path parameters are never sent, but readers meet them. From 9.0 on the vendor writes them in camelCase. */
function comparePath(log: AuditLog, ours: Operation, theirs: Operation): void {
  const [ourNames, theirNames] = [pathParameters(ours.path), pathParameters(theirs.path).map(snake)];
  for (const [index, name] of theirNames.entries()) {
    if (name === ourNames[index]) continue;
    const detail = `the vendor says ${name}, we say ${ourNames[index]}`;
    log.add(ours.style, ours.label, "differs", `path parameter ${index + 1}`, detail);
  }
}

function compareParameters(log: AuditLog, shapes: ShapeComparison, ours: Operation, theirs: Operation): void {
  const [ourParameters, theirParameters] = [byName(ours), byName(theirs)];
  for (const [what, parameter] of theirParameters) {
    const own = ourParameters.get(what);
    if (!own) {
      log.add(ours.style, ours.label, "lack", what);
      continue;
    }
    compareRequired(log, ours, what, parameter.required, own.required);
    shapes.compare(own.schema, parameter.schema, ours.label, what);
  }
  // The target of the reference is not known.
  const isUnsure = isBroken(theirs, "parameter");
  for (const what of ourParameters.keys()) {
    if (!theirParameters.has(what) && !isUnsure) log.add(ours.style, ours.label, "extra", what);
  }
}

function compareBody(log: AuditLog, shapes: ShapeComparison, ours: Operation, theirs: Operation): void {
  if (isBroken(theirs, "body") || (!theirs.body && isBroken(theirs, "parameter"))) return;
  if (ours.body && theirs.body) {
    compareRequired(log, ours, "body", theirs.body.required, ours.body.required);
    shapes.compare(ours.body.schema, theirs.body.schema, ours.label, "body");
  } else if (ours.body || theirs.body) {
    log.add(ours.style, ours.label, ours.body ? "extra" : "lack", "body");
  }
}

function compareResponses(log: AuditLog, shapes: ShapeComparison, ours: Operation, theirs: Operation): void {
  for (const [status, response] of theirs.responses) {
    const own = ours.responses.get(status);
    if (!own) {
      log.add(ours.style, ours.label, "lack", `status ${status}`);
      continue;
    }
    for (const type of response.errors) {
      if (!own.errors.includes(type)) log.add(ours.style, ours.label, "lack", `error ${type} (status ${status})`);
    }
    if (own.schema && response.schema) {
      shapes.compare(own.schema, response.schema, ours.label, `result ${status}`);
    } else if (own.schema || response.schema) {
      log.add(ours.style, ours.label, own.schema ? "extra" : "lack", `result ${status}`);
    }
  }
  for (const [status, own] of ours.responses) {
    if (!theirs.responses.has(status) && !isBroken(theirs, `status ${status}`))
      log.addExtra(ours.style, ours.label, `status ${status}`, own.since);
  }
}

function isBroken({ broken }: Operation, part: string): boolean {
  return broken.some(([each]) => each === part);
}

function compareRequired(
  log: AuditLog,
  ours: Operation,
  what: string,
  theirRequired: boolean,
  ourRequired: boolean,
): void {
  if (theirRequired === ourRequired) return;
  const word = (required: boolean): string => (required ? "required" : "optional");
  const detail = `the vendor says ${word(theirRequired)}, we say ${word(ourRequired)}`;
  log.add(ours.style, ours.label, "differs", `${what} required`, detail);
}

function byName(operation: Operation): Map<string, Parameter> {
  const named = operation.parameters.filter((parameter) => parameter.in !== "path");
  return new Map(
    named.map((parameter) => [
      `${parameter.in} ${parameter.in === "header" ? parameter.name.toLowerCase() : parameter.name}`,
      parameter,
    ]),
  );
}

function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
