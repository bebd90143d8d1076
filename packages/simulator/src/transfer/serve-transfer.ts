import { takeFaults } from "../faults/active-faults.ts";
import type { ActiveFaults } from "../faults/active-faults.ts";
import { happenBefore } from "../faults/before-answer.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import type { DownloadSession, SessionFile } from "../model/download-session.ts";
import type { ItemFile } from "../model/library.ts";
import { statusOf } from "../state/session-file-info.ts";
import type { World } from "../state/world.ts";
import { sendFile } from "./send-file.ts";
import { watchSession } from "./watch-session.ts";

interface Opened {
  readonly session: DownloadSession;
  readonly asked: SessionFile;
  readonly file: ItemFile;
}

/** Serves `GET` and `HEAD` of `/cls/data/<token>/<name>`: no login is needed, the token is enough. */
export async function serveTransfer(exchange: HttpExchange, token: string, name: string, world: World): Promise<void> {
  exchange.record.update({ kind: "transfer", file: name });
  const { method } = exchange.request;
  const { transfer: rules } = world;
  if (method !== "GET" && !(method === "HEAD" && rules.head)) {
    exchange.answer({ status: 405, headers: { Allow: rules.head ? "GET, HEAD" : "GET" }, body: undefined });
    return;
  }
  const session = world.downloadSessions.findByToken(token);
  if (!session || !open(session, name, world)) {
    exchange.answer({ status: 404, headers: {}, body: undefined });
    return;
  }
  const subject = { session, item: world.store.items.get(session.itemId) };
  const faults = takeFaults(exchange, { on: "transfer", file: name }, subject, world);
  if (await happenBefore(faults, { exchange, world, subject, style: undefined })) return;
  // The faults may have ended the session, or changed the file.
  const found = open(session, name, world);
  if (found) await transfer(exchange, found, faults, world);
  else exchange.answer({ status: 404, headers: {}, body: undefined });
}

async function transfer(exchange: HttpExchange, found: Opened, faults: ActiveFaults, world: World): Promise<void> {
  const { session, asked, file } = found;
  const { onSessionEnd } = world.transfer;
  const onEnd = (): void => {
    if (onSessionEnd === "cut") exchange.cut();
  };
  session.end.signal.addEventListener("abort", onEnd, { once: true });
  const signal = onSessionEnd === "continue" ? exchange.left : AbortSignal.any([exchange.left, session.end.signal]);
  const watch = watchSession(session, world);
  try {
    const place = await world.transferPool.enter(signal);
    try {
      const sentLast = await sendFile(exchange, file, faults, world, {
        signal,
        onWritten: () => world.downloadSessions.touch(session, "transfer"),
        expire: () => world.downloadSessions.expire(session),
      });
      if (sentLast) asked.downloadedAt ??= world.clock.now();
    } finally {
      place.leave();
    }
  } catch (error) {
    if (exchange.left.aborted) return;
    if (!signal.aborted) throw error;
    if (exchange.begun) exchange.finish();
    else exchange.answer({ status: 404, headers: {}, body: undefined });
  } finally {
    watch.stop();
    session.end.signal.removeEventListener("abort", onEnd);
  }
}

function open(session: DownloadSession, name: string, world: World): Opened | undefined {
  const asked = session.files.get(name);
  const file = world.store.items.get(session.itemId)?.files.get(name);
  if (session.state !== "ACTIVE" || !asked || !file || statusOf(asked, world) !== "PREPARED") return undefined;
  return { session, asked, file };
}
