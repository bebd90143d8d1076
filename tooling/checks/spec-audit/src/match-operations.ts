import type { Operation } from "./document.ts";
import { pathShape } from "./path-key.ts";

export interface Match {
  readonly pairs: readonly (readonly [ours: Operation, theirs: Operation])[];
  readonly onlyOurs: readonly Operation[];
  readonly onlyTheirs: readonly Operation[];
}

/**
 * Finds the vendor's operation for each of ours: same style, method, path (parameter names aside) and action. Where
 * several share all that (`.../file` and `.../file?name`), the one whose required query parameters fit best.
 */
export function matchOperations(ours: readonly Operation[], theirs: readonly Operation[]): Match {
  const groups = Map.groupBy(theirs, identity);
  const pairs: [Operation, Operation][] = [];
  const left = new Set(theirs);
  const candidates = ours.flatMap((operation) =>
    (groups.get(identity(operation)) ?? []).map((other) => ({ operation, other, misfit: misfit(operation, other) })),
  );
  const matched = new Set<Operation>();
  for (const { operation, other } of candidates.toSorted((a, b) => a.misfit - b.misfit)) {
    if (matched.has(operation) || !left.has(other)) continue;
    matched.add(operation);
    left.delete(other);
    pairs.push([operation, other]);
  }
  return {
    pairs: pairs.toSorted(([a], [b]) => ours.indexOf(a) - ours.indexOf(b)),
    onlyOurs: ours.filter((operation) => !matched.has(operation)),
    onlyTheirs: [...left],
  };
}

function identity({ style, method, path, action }: Operation): string {
  return [style, method, pathShape(path), action ?? ""].join(" ");
}

function misfit(left: Operation, right: Operation): number {
  return requiredQuery(left).symmetricDifference(requiredQuery(right)).size;
}

function requiredQuery(operation: Operation): Set<string> {
  const query = operation.parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  return new Set(query.map((parameter) => parameter.name));
}
