import type { IncomingMessage, ServerResponse } from "node:http";
import type { WireStyle } from "@carrel/core";
import type { Exchange } from "../journal/exchange.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../state/world.ts";
import { serveTransfer } from "../transfer/serve-transfer.ts";
import { corsHeaders, preflightHeaders } from "./cors.ts";
import { framework } from "./framework-error.ts";
import { HttpExchange, headerTexts } from "./http-exchange.ts";
import type { Router } from "./router.ts";
import { serveOperation } from "./serve-operation.ts";
import { errorAnswer } from "./write-answer.ts";

/** What a listener works with. */
export interface Listening {
  readonly origin: Exchange["origin"];
  readonly world: World;
  readonly router: Router;
  readonly journal: Journal;
  readonly cors: boolean;
}

/** The function that `node:http` calls for each request. */
export function requestListener(listening: Listening): (request: IncomingMessage, response: ServerResponse) => void {
  const { origin, world, journal, cors } = listening;
  return (request, response) => {
    const record = journal.begin({
      origin,
      method: request.method ?? "GET",
      target: request.url ?? "/",
      requestHeaders: headerTexts(request.headers),
      startedAtMs: world.clock.now(),
    });
    const exchange = new HttpExchange(request, response, record, world.clock, cors ? corsHeaders : {});
    route(exchange, listening).catch((error: unknown) => {
      if (exchange.left.aborted) return;
      if (exchange.begun) exchange.cut();
      else exchange.answer(errorAnswer("api", world.traits, error));
    });
  };
}

async function route(exchange: HttpExchange, listening: Listening): Promise<void> {
  const { origin, world, router, cors } = listening;
  const { request } = exchange;
  if (cors && request.method === "OPTIONS") {
    exchange.answer({ status: 204, headers: preflightHeaders, body: undefined });
    return;
  }
  const [path = "/", search = ""] = (request.url ?? "/").split(/\?(.*)/s);
  const segments = decodeSegments(path);
  if (segments?.[0] === "cls" && segments[1] === "data") {
    await serveTransfer(exchange, segments, world);
    return;
  }
  const style = styleOf(path, world);
  if (origin === "transfer" || !style) {
    request.resume();
    exchange.answer({ status: 404, headers: {}, body: undefined });
    return;
  }
  if (!segments) {
    request.resume();
    exchange.answer(errorAnswer(style, world.traits, framework.badPath()));
    return;
  }
  const match = router.match(style, request.method ?? "GET", segments.slice(1));
  await serveOperation(exchange, match, style, new URLSearchParams(search), world);
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function styleOf(path: string, world: World): WireStyle | undefined {
  return world.traits.styles.find((style) => path.startsWith(`/${style}/`));
}
