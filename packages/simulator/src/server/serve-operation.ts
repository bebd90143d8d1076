import type { WireStyle } from "@carrel/core";
import type { Call } from "../operations/handler.ts";
import type { ApiSession } from "../state/api-sessions.ts";
import { VapiError, message } from "../state/vapi-error.ts";
import type { World } from "../state/world.ts";
import type { Answer } from "./answer.ts";
import { chooseOperation } from "./choose-operation.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { readBody } from "./read-body.ts";
import { readInput } from "./read-input.ts";
import type { Match, StyledRoute } from "./router.ts";
import { sessionIdOf } from "./session-id.ts";
import { errorAnswer, resultAnswer, unknownUrlAnswer } from "./write-answer.ts";

/** Serves one operation of the specification. */
export async function serveOperation(
  exchange: HttpExchange,
  match: Match | undefined,
  style: WireStyle,
  query: URLSearchParams,
  world: World,
): Promise<void> {
  const body = await bodyOf(exchange);
  const answer = await answerTo(exchange, match, style, query, body, world);
  if (exchange.left.aborted) return;
  exchange.answer(answer);
  if (answer.body !== undefined) exchange.record.update({ responseBody: textFor(exchange, answer.body) });
}

async function answerTo(
  exchange: HttpExchange,
  match: Match | undefined,
  style: WireStyle,
  query: URLSearchParams,
  body: string | VapiError,
  world: World,
): Promise<Answer> {
  try {
    const chosen = match && chooseOperation(match, query);
    if (!match || !chosen) return unknownUrlAnswer(style, world.traits);
    exchange.record.update({ kind: "operation", operation: chosen.served.id, style });
    if (body instanceof VapiError) throw body;
    return await act(exchange, match, chosen, query, body, world);
  } catch (error) {
    return errorAnswer(style, world.traits, error);
  }
}

async function act(
  exchange: HttpExchange,
  match: Match,
  chosen: StyledRoute,
  query: URLSearchParams,
  body: string,
  world: World,
): Promise<Answer> {
  const { served, route } = chosen;
  const { headers } = exchange.request;
  const session = served.operation.access === "session" ? world.apiSessions.use(sessionIdOf(headers)) : undefined;
  const { input, clientToken } = readInput(match, chosen, query, body);
  requirePrivilege(served.facts.privilege, world);
  const call: Call = {
    world,
    style: match.style,
    headers,
    get session(): ApiSession {
      if (!session) throw new Error(`${served.id} has no session`);
      return session;
    },
    clientToken: clientToken ?? (route.clientToken === "header" ? tokenHeader(exchange, world) : undefined),
  };
  return resultAnswer(match.style, route, await served.handler(input, call));
}

function requirePrivilege(privilege: string | undefined, world: World): void {
  if (privilege === undefined || !world.privilegesLacking.has(privilege)) return;
  throw new VapiError("UNAUTHORIZED", [
    message("com.vmware.vapi.endpoint.unauthorized", `The user lacks the privilege ${privilege}.`, { privilege }),
  ]);
}

function tokenHeader(exchange: HttpExchange, world: World): string | undefined {
  const names = world.traits.clientTokenHeaders;
  const value = names.map((name) => exchange.request.headers[name]).find((each) => each !== undefined);
  return Array.isArray(value) ? value[0] : value;
}

async function bodyOf(exchange: HttpExchange): Promise<string | VapiError> {
  try {
    const text = await readBody(exchange.request);
    if (text !== "") exchange.record.update({ requestBody: text });
    return text;
  } catch (error) {
    if (error instanceof VapiError) return error;
    throw error;
  }
}

/** The answer of a login is a secret as a whole. */
function textFor(exchange: HttpExchange, body: string): string {
  const { operation, status } = exchange.record.current;
  return operation === "session.create" && status !== undefined && status < 300 ? "[redacted]" : body;
}
