import type { WireStyle } from "@carrel/core";
import type { Route, RouteFacts } from "@carrel/core/operations";
import type { ServedOperation } from "../operations/operation-table.ts";
import { framework } from "../model/vapi-error.ts";

/** One operation in one style. */
export interface StyledRoute {
  readonly served: ServedOperation;
  readonly route: Route;
  readonly facts: RouteFacts;
}

/** The operations that fit the path and the method of a request. */
export interface RouteMatch {
  readonly style: WireStyle;
  readonly pathArguments: Readonly<Record<string, string>>;
  /** Never empty. The query decides which one is meant. */
  readonly candidates: readonly StyledRoute[];
}

/** Finds the operations of a path. The segments are decoded. */
export interface Router {
  match(style: WireStyle, method: string, segments: readonly string[]): RouteMatch | undefined;
}

interface Node {
  readonly literals: Map<string, Node>;
  /** Parameters with the literal text before them: `id:` in the legacy style, none in the modern one. */
  readonly parameters: { readonly prefix: string; readonly name: string; readonly node: Node }[];
  readonly routes: Map<string, StyledRoute[]>;
}

/** Builds a router from the routes of the given styles. A literal segment goes before a parameter. */
export function createRouter(operations: readonly ServedOperation[], styles: readonly WireStyle[]): Router {
  const roots: Readonly<Record<WireStyle, Node>> = { api: newNode(), rest: newNode() };
  for (const style of styles) {
    for (const served of operations) {
      const route = served.operation[style];
      const node = route.path.split("/").slice(1).reduce(descend, roots[style]);
      const routes = node.routes.get(route.method) ?? [];
      node.routes.set(route.method, [...routes, { served, route, facts: served.facts[style] }]);
    }
  }
  return {
    match(style, method, segments) {
      const found = walk(roots[style], segments, {}, method);
      return found && { style, ...found };
    },
  };
}

function descend(node: Node, segment: string): Node {
  const parameter = /^([^{]*)\{(\w+)\}$/u.exec(segment);
  if (!parameter) {
    const next = node.literals.get(segment) ?? newNode();
    node.literals.set(segment, next);
    return next;
  }
  const [, prefix = "", name = ""] = parameter;
  const known = node.parameters.find((each) => each.prefix === prefix && each.name === name);
  if (known) return known.node;
  const next = newNode();
  node.parameters.push({ prefix, name, node: next });
  return next;
}

function walk(
  node: Node,
  segments: readonly string[],
  pathArguments: Readonly<Record<string, string>>,
  method: string,
): Omit<RouteMatch, "style"> | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    const candidates = node.routes.get(method);
    return candidates && { pathArguments, candidates };
  }
  const literal = node.literals.get(segment);
  const found = literal && walk(literal, rest, pathArguments, method);
  if (found) return found;
  for (const { prefix, name, node: next } of node.parameters) {
    if (!segment.startsWith(prefix) || segment.length === prefix.length) continue;
    const deeper = walk(next, rest, { ...pathArguments, [name]: segment.slice(prefix.length) }, method);
    if (deeper) return deeper;
  }
  return undefined;
}

function newNode(): Node {
  return { literals: new Map(), parameters: [], routes: new Map() };
}

const actionName: Readonly<Record<WireStyle, string>> = { api: "action", rest: "~action" };

/**
 * Chooses among the operations of a path, by the action and by the query parameters that they require, and checks the query.
 * Returns undefined where no operation has the action.
 */
export function chooseOperation(match: RouteMatch, query: URLSearchParams): StyledRoute | undefined {
  const name = actionName[match.style];
  const action = query.get(name) ?? undefined;
  const candidates = match.candidates.filter((candidate) => candidate.route.action === action);
  const fitting = candidates.filter((candidate) => candidate.facts.requiredQuery.every((each) => query.has(each)));
  const chosen = fitting.toSorted(byRequired)[0] ?? candidates.toSorted(byRequired).at(-1);
  if (!chosen) return undefined;
  for (const key of new Set(query.keys())) {
    if (key !== name && !chosen.route.query.includes(key)) throw framework.unsupportedProperty(key);
    if (query.getAll(key).length > 1) throw framework.repeatedParameter(key);
  }
  const missing = chosen.facts.requiredQuery.find((each) => !query.has(each));
  if (missing !== undefined) throw framework.missingMember(missing);
  return chosen;
}

function byRequired(one: StyledRoute, other: StyledRoute): number {
  return other.facts.requiredQuery.length - one.facts.requiredQuery.length;
}
