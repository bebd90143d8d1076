import type { WireStyle } from "@carrel/core";
import { takeFaults, subjectOf } from "../faults/active-faults.ts";
import type { ActiveFaults, Subject } from "../faults/active-faults.ts";
import { applyBefore } from "../faults/before-answer.ts";
import type { OperationCall } from "../operations/handler.ts";
import type { ApiSession } from "../state/api-sessions.ts";
import { VapiError, message } from "../model/vapi-error.ts";
import type { World } from "../state/world.ts";
import type { Answer } from "../http/answer.ts";
import { chooseOperation } from "./router.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import { looseParameters, readInput } from "./request-input.ts";
import { readBody, sessionIdOf } from "../http/request.ts";
import type { RouteMatch, StyledRoute } from "./router.ts";
import { errorAnswer, resultAnswer, unknownUrlAnswer } from "../http/answer.ts";
import { bufferContent } from "../content/content.ts";
import { scriptOf } from "../transfer/body-script.ts";
import { sendBody } from "../transfer/send-body.ts";

/** A request below `/api` or `/rest`. */
export interface OperationRequest {
  readonly exchange: HttpExchange;
  readonly style: WireStyle;
  readonly match: RouteMatch | undefined;
  readonly query: URLSearchParams;
  readonly world: World;
}

/** Serves one operation of the specification. */
export async function serveOperation(request: OperationRequest): Promise<void> {
  const { exchange, style, match, query, world } = request;
  const body = await bodyOf(exchange);
  let chosen: StyledRoute | undefined;
  try {
    chosen = match && chooseOperation(match, query);
  } catch (error) {
    exchange.answer(errorAnswer(style, world.traits, error));
    return;
  }
  if (!match || !chosen) {
    exchange.answer(unknownUrlAnswer(style, world.traits));
    return;
  }
  const { id } = chosen.served;
  exchange.record.update({ kind: "operation", operation: id, style });
  const parameters = looseParameters(match, chosen, query, typeof body === "string" ? body : "");
  const subject = subjectOf(parameters, world);
  const file = id === "item.file.get" ? parameters["name"] : parameters["file_name"];
  const faults = takeFaults(exchange, { on: id, file: typeof file === "string" ? file : undefined }, subject, world);
  if (await applyBefore(faults, { exchange, world, subject, style })) return;
  const answer = await answerTo(request, match, chosen, body, faults);
  if (exchange.closed.aborted) return;
  if (faults.fire("loseAnswer")) exchange.cut();
  else await sendAnswer(exchange, answer, faults, subject, world);
}

async function answerTo(
  request: OperationRequest,
  match: RouteMatch,
  chosen: StyledRoute,
  body: string | VapiError,
  faults: ActiveFaults,
): Promise<Answer> {
  const { exchange, style, query, world } = request;
  try {
    const { served, route } = chosen;
    const { headers } = exchange.request;
    const session = served.operation.access === "session" ? world.apiSessions.use(sessionIdOf(headers)) : undefined;
    if (body instanceof VapiError) throw body;
    const { input, clientToken } = readInput(match, chosen, query, body);
    requirePrivilege(served.facts.privilege, world);
    const added: Record<string, string> = {};
    const call: OperationCall = {
      world,
      style,
      headers,
      get session(): ApiSession {
        if (!session) throw new Error(`${served.id} has no session`);
        return session;
      },
      clientToken: clientToken ?? (route.clientToken === "header" ? tokenHeader(exchange, world) : undefined),
      setHeader: (name, value) => void (added[name] = value),
      faults,
    };
    const answer = resultAnswer(style, route, await served.handler(input, call));
    return { ...answer, headers: { ...answer.headers, ...added } };
  } catch (error) {
    return errorAnswer(style, world.traits, error);
  }
}

function requirePrivilege(privilege: string | undefined, world: World): void {
  if (privilege === undefined || !world.settings.missingPrivileges.has(privilege)) return;
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

/** Sends the answer of an operation, changed by the faults. */
async function sendAnswer(
  exchange: HttpExchange,
  plain: Answer,
  faults: ActiveFaults,
  subject: Subject,
  world: World,
): Promise<void> {
  const changed = faults.fire("body");
  const answer: Answer = changed
    ? {
        status: changed.status ?? plain.status,
        headers: { ...plain.headers, "Content-Type": changed.contentType ?? "application/json" },
        body: changed.body,
      }
    : plain;
  const bytes = Buffer.from(answer.body ?? "");
  const script = scriptOf(faults, 0, bytes.length);
  if (script.events.length === 0 && script.end === bytes.length && script.extraBytes === 0) {
    exchange.answer(answer);
  } else {
    const length = { "Content-Length": String(script.end + script.extraBytes) };
    exchange.begin(answer.status, { ...answer.headers, ...length }, script.closeDelimited);
    await sendBody(exchange, {
      content: bufferContent(bytes),
      start: 0,
      script,
      clock: world.clock,
      signal: exchange.closed,
      expire: (which) => {
        if (which === "api") world.apiSessions.expireAll();
        else if (subject.session) world.downloadSessions.expire(subject.session);
      },
    });
  }
  if (answer.body !== undefined) exchange.record.update({ responseBody: textFor(exchange, answer.body) });
}

/** Hides the whole answer of a login: it is the session id. */
function textFor(exchange: HttpExchange, body: string): string {
  const { operation, status } = exchange.record.current;
  return operation === "session.create" && status !== undefined && status < 300 ? "[redacted]" : body;
}
