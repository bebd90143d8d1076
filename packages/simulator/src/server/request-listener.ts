import type { WireStyle } from "@carrel/core";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { World } from "../state/world.ts";
import { serveStatic, serveTransfer } from "../transfer/serve-download.ts";
import { serveUpload } from "../transfer/serve-upload.ts";
import type { Answer } from "../http/answer.ts";
import { corsHeaders, preflightHeaders } from "./access.ts";
import { framework } from "../model/vapi-error.ts";
import { HttpExchange, headerTexts } from "../http/http-exchange.ts";
import type { KnownHosts } from "./access.ts";
import type { OnRequest } from "./listen.ts";
import type { Router } from "./router.ts";
import { serveOperation } from "./serve-operation.ts";
import { errorAnswer } from "../http/answer.ts";

/** One of the servers of a simulator, and what it serves. */
export interface ListenerSettings {
  readonly server: JournalEntry["server"];
  readonly world: World;
  readonly router: Router;
  readonly journal: Journal;
  readonly cors: boolean;
  readonly hosts: KnownHosts;
}

/** Makes the function that `node:http` calls for each request. */
export function requestListener(settings: ListenerSettings): OnRequest {
  const { server, world, journal, cors } = settings;
  const extraHeaders = cors ? corsHeaders : {};
  return (request, response, connection) => {
    const record = journal.begin({
      server,
      method: request.method ?? "GET",
      target: request.url ?? "/",
      requestHeaders: headerTexts(request.headers),
      startedAtMs: world.clock.now(),
    });
    const exchange = new HttpExchange({ request, response, connection, record, clock: world.clock, extraHeaders });
    route(exchange, settings).catch((error: unknown) => {
      if (exchange.closed.aborted) return;
      if (exchange.begun) exchange.cut();
      else exchange.answer(errorAnswer("api", world.traits, error));
    });
  };
}

const misdirectedAnswer: Answer = {
  status: 421,
  headers: { "Content-Type": "text/plain; charset=utf-8" },
  body: 'The simulator serves only the names of the loopback interface and those of its option "hosts"',
};

async function route(exchange: HttpExchange, settings: ListenerSettings): Promise<void> {
  const { server, world, router, cors, hosts } = settings;
  const { request } = exchange;
  if (!hosts.has(request.headers.host)) {
    request.resume();
    exchange.answer(misdirectedAnswer);
    return;
  }
  if (cors && request.method === "OPTIONS") {
    exchange.answer({ status: 204, headers: preflightHeaders, body: undefined });
    return;
  }
  const [path = "/", search = ""] = (request.url ?? "/").split(/\?(.*)/su);
  const segments = decodeSegments(path);
  if (segments?.[0] === "cls") {
    await serveBytes(exchange, segments, search, settings);
    return;
  }
  const style = styleOf(path, world);
  if (server === "transfer" || !style) {
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
  await serveOperation({ exchange, style, match, query: new URLSearchParams(search), world });
}

async function serveBytes(
  exchange: HttpExchange,
  segments: readonly string[],
  search: string,
  { server, world }: ListenerSettings,
): Promise<void> {
  const [, kind, token = "", name = ""] = segments;
  if (kind === "data" && segments.length === 4 && exchange.request.method === "PUT") {
    await serveUpload(exchange, token, name, world);
    return;
  }
  exchange.request.resume();
  if (kind === "data" && segments.length === 4) {
    await serveTransfer(exchange, token, name, world);
  } else if (kind === "static" && segments.length === 5 && server === "vcenter" && world.traits.fileDownloadEndpoint) {
    await serveStatic(exchange, segments.slice(2), new URLSearchParams(search).get("version"), world);
  } else {
    exchange.answer({ status: 404, headers: {}, body: undefined });
  }
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
