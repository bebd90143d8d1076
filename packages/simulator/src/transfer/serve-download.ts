import { takeFaults } from "../faults/active-faults.ts";
import type { ActiveFaults } from "../faults/active-faults.ts";
import { happenBefore } from "../faults/before-answer.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import type { DownloadSession, SessionFile } from "../state/download-sessions.ts";
import type { ItemFile } from "../state/library-store.ts";
import { statusOf } from "../state/session-file-info.ts";
import type { World } from "../state/world.ts";
import { sessionIdOf } from "../http/request.ts";
import { errorAnswer } from "../http/answer.ts";
import { answerRange } from "./range.ts";
import { plainScript, scriptOf } from "./body-script.ts";
import { sendBody } from "./send-body.ts";

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

/**
 * Serves `/cls/static/<library>/<item>/<name>?version=<version>`, the way of 9.x without a download session. It needs
 * the API session, and content that is cached.
 */
export async function serveStatic(
  exchange: HttpExchange,
  [libraryId, itemId, name]: readonly string[],
  version: string | null,
  world: World,
): Promise<void> {
  exchange.record.update({ kind: "transfer", ...(name === undefined ? {} : { file: name }) });
  try {
    world.apiSessions.use(sessionIdOf(exchange.request.headers));
  } catch (error) {
    exchange.answer(errorAnswer("api", world.traits, error));
    return;
  }
  const item = world.store.items.get(itemId ?? "");
  const subject = { session: undefined, item };
  const faults = takeFaults(exchange, { on: "transfer", file: name }, subject, world);
  if (await happenBefore(faults, { exchange, world, subject, style: undefined })) return;
  const file = item?.files.get(name ?? "");
  const isThere = item?.libraryId === libraryId && item !== undefined && world.store.isCached(item);
  if (!item || !file || !isThere || (version !== null && version !== String(file.version))) {
    exchange.answer({ status: 404, headers: {}, body: undefined });
    return;
  }
  const place = await world.transferPool.enter(exchange.left);
  try {
    await sendFile(exchange, file, faults, world, { signal: exchange.left });
  } finally {
    place.leave();
  }
}

/** What may happen while a file is sent. */
interface FileWatch {
  /** Stops the sending before the next write. */
  readonly signal: AbortSignal;
  /** Called after each write. */
  readonly onWritten?: () => void;
  /** Ends the download session that the file is sent under. */
  readonly expire?: () => void;
}

/** Answers a request for a file. True where its last byte was sent. */
async function sendFile(
  exchange: HttpExchange,
  file: ItemFile,
  faults: ActiveFaults,
  world: World,
  watch: FileWatch,
): Promise<boolean> {
  const { transfer: rules, clock } = world;
  const answer = answerRange(exchange.request.headers, file, rules, faults);
  const hasBody = exchange.request.method === "GET" && answer.status !== 416;
  const script = hasBody ? scriptOf(faults, answer.start, answer.end) : plainScript(answer.end);
  const length = script.end - answer.start + script.extraBytes;
  exchange.begin(
    answer.status,
    rules.contentLength || answer.status === 416
      ? { ...answer.headers, "Content-Length": String(length) }
      : answer.headers,
    script.closeDelimited,
  );
  if (!hasBody) {
    exchange.finish();
    return false;
  }
  const whole = await sendBody(exchange, {
    content: file.content,
    start: answer.start,
    script,
    clock,
    bytesPerSecond: rules.bytesPerSecond,
    signal: watch.signal,
    onWritten: watch.onWritten,
    expire: (which) => {
      if (which === "api") world.apiSessions.expireAll();
      else watch.expire?.();
    },
  });
  return whole && answer.end === file.content.sizeBytes;
}

/** Looks after a session while a transfer runs, so that it ends in time though nobody asks for it. */
function watchSession(session: DownloadSession, world: World): { readonly stop: () => void } {
  let cancel = (): void => {};
  const look = (): void => {
    if (!world.downloadSessions.find(session.id) || session.state !== "ACTIVE") return;
    cancel = world.clock.schedule(session.expiresAt - world.clock.now(), look, { background: true });
  };
  look();
  return { stop: () => cancel() };
}
