import { isMembers } from "../http/check-model.ts";
import type { Match, StyledRoute } from "./router.ts";

/** The parameters of a request as they came, unchecked: enough to tell what it is about. */
export function looseParameters(
  match: Match,
  chosen: StyledRoute,
  query: URLSearchParams,
  bodyText: string,
): Readonly<Record<string, unknown>> {
  const body = tryJson(bodyText);
  const { body: kind } = chosen.route;
  const inner = typeof kind === "object" && isMembers(body) ? body[kind.wrapper] : body;
  return { ...match.pathArguments, ...Object.fromEntries(query), ...(isMembers(inner) ? inner : {}) };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
