import type { WireStyle } from "@carrel/core";
import { operations } from "@carrel/core/operations";
import type { Operation, Route } from "@carrel/core/operations";

/** A request that is one of the operations of the specification. */
export interface AllowedCall {
  readonly operation: Operation;
  readonly style: WireStyle;
  readonly route: Route;
  /** Path and query to request, made of what the operation has and of nothing else. */
  readonly target: string;
}

const styles: readonly WireStyle[] = ["api", "rest"];
const actionNames: Readonly<Record<WireStyle, string>> = { api: "action", rest: "~action" };

/** Every operation in both styles; paths with the fewest parameters first, because `item` could be an id too. */
const allowed = styles
  .flatMap((style) => Object.values(operations).map((operation) => ({ operation, style, route: operation[style] })))
  .map((each) => ({ ...each, pattern: patternOf(`/${each.style}${each.route.path}`) }))
  .toSorted((a, b) => a.route.path.split("{").length - b.route.path.split("{").length);

/** Identifiers consist of letters, digits, dots, colons and hyphens; nothing escaped, and no `..`, can be part of one. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/gu, String.raw`[\w:~\-][\w:~.\-]{0,255}`)}$`, "u");
}

/** Finds the operation that a request is; undefined where it is none, or has a parameter that the operation has not. */
export function findCall(method: string, path: string, query: URLSearchParams): AllowedCall | undefined {
  const names = [...query.keys()];
  if (new Set(names).size < names.length) return undefined;
  const call = allowed.find(({ style, route, pattern }) => {
    const actionName = actionNames[style];
    if (route.method !== method || !pattern.test(path) || query.get(actionName) !== (route.action ?? null))
      return false;
    return names.every((name) => name === actionName || route.query.includes(name));
  });
  if (!call) return undefined;
  const { operation, style, route } = call;
  const parameters = Array.from(query, ([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return { operation, style, route, target: path + (parameters.length > 0 ? `?${parameters.join("&")}` : "") };
}
