import { isObject, parseJson } from "@carrel/core/kit";
import { checkModel } from "../http/check-model.ts";
import { framework } from "../model/vapi-error.ts";
import type { Input } from "../operations/handler.ts";
import type { RouteMatch, StyledRoute } from "./router.ts";

/** Returns the parameters of a request unchecked: enough to know which session and item it is about. */
export function looseParameters(
  match: RouteMatch,
  chosen: StyledRoute,
  query: URLSearchParams,
  bodyText: string,
): Readonly<Record<string, unknown>> {
  const body = parseJson(bodyText);
  const { body: kind } = chosen.route;
  const inner = typeof kind === "object" && isObject(body) ? body[kind.wrapper] : body;
  return { ...match.pathArguments, ...Object.fromEntries(query), ...(isObject(inner) ? inner : {}) };
}

/** The input of an operation, and the client token where the style has it in the body. */
export interface RequestInput {
  readonly input: Input;
  readonly clientToken: string | undefined;
}

/** Joins path, query and body of a request into one checked input. Throws INVALID_ARGUMENT. */
export function readInput(
  match: RouteMatch,
  chosen: StyledRoute,
  query: URLSearchParams,
  bodyText: string,
): RequestInput {
  const fromQuery = Object.fromEntries(
    chosen.route.query.flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const { members, clientToken } = readBodyInput(chosen, bodyText);
  return { input: { ...match.pathArguments, ...fromQuery, ...members }, clientToken };
}

function readBodyInput(
  chosen: StyledRoute,
  text: string,
): { readonly members: Input; readonly clientToken: string | undefined } {
  const { route, facts } = chosen;
  const outer = parseBody(text);
  if (route.body === "none" || !facts.input) {
    const extra = Object.keys(outer ?? {})[0];
    if (extra !== undefined) throw framework.unsupportedProperty(extra);
    return { members: {}, clientToken: undefined };
  }
  const wrapper = typeof route.body === "object" ? route.body.wrapper : undefined;
  const clientToken = route.clientToken === "body" ? tokenOf(outer) : undefined;
  const inner = wrapper === undefined ? outer : unwrap(outer, wrapper, route.clientToken === "body");
  if (inner === undefined) {
    if (facts.input.required) throw framework.missingMember(wrapper ?? "body");
    return { members: {}, clientToken };
  }
  checkModel({ model: facts.input.model }, inner, wrapper ?? "");
  const members = dropNulls(inner as Input);
  for (const name of facts.input.members ?? []) {
    if (members[name] === undefined) throw framework.missingMember(wrapper ? `${wrapper}.${name}` : name);
  }
  return { members, clientToken };
}

function parseBody(text: string): Input | undefined {
  if (text.trim() === "") return undefined;
  const value = parseJson(text);
  if (value === undefined) throw framework.badJson();
  if (value === null) return undefined;
  if (!isObject(value)) throw framework.wrongType("body", "an object");
  return value;
}

function unwrap(outer: Input | undefined, wrapper: string, hasToken: boolean): unknown {
  for (const name of Object.keys(outer ?? {})) {
    if (name !== wrapper && !(hasToken && name === "client_token")) throw framework.unsupportedProperty(name);
  }
  return outer?.[wrapper] ?? undefined;
}

function tokenOf(outer: Input | undefined): string | undefined {
  const token = outer?.["client_token"] ?? undefined;
  if (token !== undefined && typeof token !== "string") throw framework.wrongType("client_token", "a string");
  return token;
}

function dropNulls(members: Input): Input {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
