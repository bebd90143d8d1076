import type { HttpExchange } from "../server/http-exchange.ts";
import type { DownloadSession, SessionFile } from "../state/download-session.ts";
import type { ItemFile } from "../state/library.ts";
import { statusOf } from "../state/session-file-info.ts";
import type { World } from "../state/world.ts";
import { answerRange } from "./answer-range.ts";
import { sendBody } from "./send-body.ts";
import { watchSession } from "./watch-session.ts";

interface Opened {
  readonly session: DownloadSession;
  readonly asked: SessionFile;
  readonly file: ItemFile;
}

/** Serves `/cls/data/<token>/<name>`: no login is needed, the token is enough. */
export async function serveTransfer(exchange: HttpExchange, segments: readonly string[], world: World): Promise<void> {
  const name = segments[3];
  exchange.record.update({ kind: "transfer", ...(name === undefined ? {} : { file: name }) });
  const { method } = exchange.request;
  const { transfer: rules } = world;
  if (method !== "GET" && !(method === "HEAD" && rules.head)) {
    exchange.answer({ status: 405, headers: { Allow: rules.head ? "GET, HEAD" : "GET" }, body: undefined });
    return;
  }
  const found = segments.length === 4 ? open(segments[2] ?? "", name ?? "", world) : undefined;
  if (!found) {
    exchange.answer({ status: 404, headers: {}, body: undefined });
    return;
  }
  const { session } = found;
  const signal = AbortSignal.any([exchange.left, ...(rules.onSessionEnd === "continue" ? [] : [session.end.signal])]);
  const watch = watchSession(session, world);
  try {
    const place = await world.transferPool.enter(signal);
    try {
      await sendFile(exchange, found, world, signal);
    } finally {
      place.leave();
    }
  } catch (error) {
    if (exchange.left.aborted) return;
    if (!session.end.signal.aborted) throw error;
    if (rules.onSessionEnd === "end" && exchange.begun) exchange.finish();
    else exchange.cut();
  } finally {
    watch.stop();
  }
}

async function sendFile(exchange: HttpExchange, found: Opened, world: World, signal: AbortSignal): Promise<void> {
  const { session, asked, file } = found;
  const answer = answerRange(exchange.request.headers, file, world.transfer);
  exchange.begin(answer.status, answer.headers);
  if (exchange.request.method === "HEAD" || answer.start === answer.end) {
    exchange.finish();
  } else {
    await sendBody(exchange, file.content, answer.start, answer.end, {
      signal,
      onChunk: () => world.downloadSessions.touch(session, "transfer"),
    });
  }
  const sentLast = answer.status < 300 && answer.end === file.content.sizeBytes;
  if (exchange.request.method === "GET" && sentLast) asked.downloaded = true;
}

function open(token: string, name: string, world: World): Opened | undefined {
  const session = world.downloadSessions.findByToken(token);
  const asked = session?.files.get(name);
  const file = session && world.store.items.get(session.itemId)?.files.get(name);
  if (!session || !asked || !file || statusOf(asked, world) !== "PREPARED") return undefined;
  return { session, asked, file };
}
