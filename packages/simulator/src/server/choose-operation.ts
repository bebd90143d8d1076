import type { WireStyle } from "@carrel/core";
import { framework } from "../http/framework-error.ts";
import type { Match, StyledRoute } from "./router.ts";

const actionName: Readonly<Record<WireStyle, string>> = { api: "action", rest: "~action" };

/**
 * Tells the operations of a path apart by the action and by the query parameters that they need, and checks the query.
 * Undefined where no operation has the action.
 */
export function chooseOperation(match: Match, query: URLSearchParams): StyledRoute | undefined {
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
