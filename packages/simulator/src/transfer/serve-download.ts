import { defined, linked } from "@carrel/core/kit";
import { takeFaults } from "../faults/active-faults.ts";
import type { ActiveFaults } from "../faults/active-faults.ts";
import { applyBefore } from "../faults/before-answer.ts";
import { errorAnswer } from "../http/answer.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import { sessionIdOf } from "../http/request.ts";
import type { DownloadSession, SessionFile } from "../state/download-sessions.ts";
import type { ItemFile } from "../state/library-store.ts";
import { statusOf } from "../state/session-file-info.ts";
import type { World } from "../state/world.ts";
import { plainScript, scriptOf } from "./body-script.ts";
import { answerRange } from "./range.ts";
import { sendBody } from "./send-body.ts";

interface PreparedFile {
  readonly session: DownloadSession;
  readonly requested: SessionFile;
  readonly file: ItemFile;
}

/** Serves `GET` and `HEAD` of `/cls/data/<token>/<name>`: the token is enough, and no login is needed. */
export async function serveTransfer(exchange: HttpExchange, token: string, name: string, world: World): Promise<void> {
  exchange.record.update({ kind: "transfer", file: name });
  const { method } = exchange.request;
  const { head } = world.settings.transfer;
  if (method !== "GET" && !(method === "HEAD" && head)) {
    exchange.answer({ status: 405, headers: { Allow: head ? "GET, HEAD" : "GET" }, body: undefined });
    return;
  }
  const session = world.downloadSessions.findByToken(token);
  if (!session || !findPrepared(session, name, world)) {
    exchange.answer({ status: 404, headers: {}, body: undefined });
    return;
  }
  const subject = { session, item: world.store.items.get(session.itemId) };
  const faults = takeFaults(exchange, { on: "transfer", file: name }, subject, world);
  if (await applyBefore(faults, { exchange, world, subject, style: undefined })) return;
  // The faults may have ended the session, or changed the file.
  const prepared = findPrepared(session, name, world);
  if (prepared) await transfer(exchange, prepared, faults, world);
  else exchange.answer({ status: 404, headers: {}, body: undefined });
}

async function transfer(
  exchange: HttpExchange,
  { session, requested, file }: PreparedFile,
  faults: ActiveFaults,
  world: World,
): Promise<void> {
  const { onSessionEnd } = world.settings.transfer;
  const ended = session.end.signal;
  const onEnd = (): void => {
    if (onSessionEnd === "cut") exchange.cut();
  };
  ended.addEventListener("abort", onEnd, { once: true });
  const stopWatching = watchSession(session, world);
  try {
    await linked([exchange.closed, onSessionEnd === "continue" ? undefined : ended], async (signal) => {
      const releaseSlot = await world.transferSlots.acquire(signal);
      try {
        const sentLast = await sendFile(exchange, file, faults, world, {
          signal,
          onWritten: () => world.downloadSessions.touch(session, "transfer"),
          expire: () => world.downloadSessions.expire(session),
        });
        if (sentLast) requested.downloadedAtMs ??= world.clock.now();
      } finally {
        releaseSlot();
      }
    });
  } catch (error) {
    if (exchange.closed.aborted) return;
    if (!ended.aborted) throw error;
    if (exchange.begun) exchange.finish();
    else exchange.answer({ status: 404, headers: {}, body: undefined });
  } finally {
    stopWatching();
    ended.removeEventListener("abort", onEnd);
  }
}

function findPrepared(session: DownloadSession, name: string, world: World): PreparedFile | undefined {
  const requested = session.files.get(name);
  const file = world.store.items.get(session.itemId)?.files.get(name);
  if (session.state !== "ACTIVE" || !requested || !file || statusOf(requested, world) !== "PREPARED") return undefined;
  return { session, requested, file };
}

/**
 * Serves `/cls/static/<library>/<item>/<name>?version=<version>`, how 9.x serves files without a download session.
 * Requires an API session, and content that is cached.
 */
export async function serveStatic(
  exchange: HttpExchange,
  [libraryId, itemId, name]: readonly string[],
  version: string | null,
  world: World,
): Promise<void> {
  exchange.record.update({ kind: "transfer", ...defined({ file: name }) });
  try {
    world.apiSessions.use(sessionIdOf(exchange.request.headers));
  } catch (error) {
    exchange.answer(errorAnswer("api", world.traits, error));
    return;
  }
  const item = world.store.items.get(itemId ?? "");
  const subject = { session: undefined, item };
  const faults = takeFaults(exchange, { on: "transfer", file: name }, subject, world);
  if (await applyBefore(faults, { exchange, world, subject, style: undefined })) return;
  const file = item?.files.get(name ?? "");
  const isCached = item?.libraryId === libraryId && item !== undefined && world.store.isCached(item);
  if (!item || !file || !isCached || (version !== null && version !== String(file.version))) {
    exchange.answer({ status: 404, headers: {}, body: undefined });
    return;
  }
  const releaseSlot = await world.transferSlots.acquire(exchange.closed);
  try {
    await sendFile(exchange, file, faults, world, { signal: exchange.closed });
  } finally {
    releaseSlot();
  }
}

/** What is connected with the sending of a file. */
interface SendFileOptions {
  /** Stops the sending before the next write. */
  readonly signal: AbortSignal;
  /** Called after each write. */
  readonly onWritten?: () => void;
  /** Ends the download session that the file is sent under. */
  readonly expire?: () => void;
}

/** Answers a request for a file. Returns true where its last byte was sent. */
async function sendFile(
  exchange: HttpExchange,
  file: ItemFile,
  faults: ActiveFaults,
  world: World,
  options: SendFileOptions,
): Promise<boolean> {
  const { transfer: rules } = world.settings;
  const answer = answerRange(exchange.request.headers, file, rules, faults);
  const hasBody = exchange.request.method === "GET" && answer.status !== 416;
  const script = hasBody ? scriptOf(faults, answer.start, answer.end) : plainScript(answer.end);
  const lengthBytes = script.end - answer.start + script.extraBytes;
  exchange.begin(
    answer.status,
    rules.contentLength || answer.status === 416
      ? { ...answer.headers, "Content-Length": String(lengthBytes) }
      : answer.headers,
    script.closeDelimited,
  );
  if (!hasBody) {
    exchange.finish();
    return false;
  }
  const isComplete = await sendBody(exchange, {
    content: file.content,
    start: answer.start,
    script,
    clock: world.clock,
    bytesPerSecond: rules.bytesPerSecond,
    signal: options.signal,
    onWritten: options.onWritten,
    expire: (which) => {
      if (which === "api") world.apiSessions.expireAll();
      else options.expire?.();
    },
  });
  return isComplete && answer.end === file.content.sizeBytes;
}

/**
 * Expires a session in time while a transfer runs. Sessions are otherwise judged only when they are asked for, and a client
 * that only reads bytes asks for nothing. Returns a function that stops it.
 */
function watchSession(session: DownloadSession, world: World): () => void {
  let cancel = (): void => {};
  const check = (): void => {
    if (!world.downloadSessions.find(session.id) || session.state !== "ACTIVE") return;
    cancel = world.clock.schedule(session.expiresAtMs - world.clock.now(), check, { background: true });
  };
  check();
  return () => cancel();
}
