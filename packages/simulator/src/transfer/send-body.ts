import { sleep } from "../clock/sleep.ts";
import type { Content } from "../content/content.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import type { Clock } from "@carrel/core";
import type { BodyEvent, BodyScript } from "./body-script.ts";
import type { ServerResponse } from "node:http";

/** What is sent, and what may happen meanwhile. */
interface SendBody {
  readonly content: Content;
  readonly start: number;
  readonly script: BodyScript;
  readonly clock: Clock;
  /** Stops the sending before the next write. */
  readonly signal: AbortSignal;
  /** @defaultValue as fast as the client takes it */
  readonly bytesPerSecond?: number | undefined;
  /** Called after each write. */
  readonly onWritten?: (() => void) | undefined;
  /** Ends the session that the body belongs to. */
  readonly expire?: (session: "download" | "api") => void;
}

/** Sends a body by its script and finishes the answer. False where a fault has ended it in another way. */
export async function sendBody(exchange: HttpExchange, body: SendBody): Promise<boolean> {
  const { content, start, script, signal } = body;
  const paced = pace(body.clock, body.bytesPerSecond);
  const events = [...script.events];
  const spoiled: Spoiled[] = [];
  let at = start;
  const write = async (chunk: Uint8Array): Promise<void> => {
    for (const piece of paced.pieces(spoil(chunk, at, spoiled))) {
      signal.throwIfAborted();
      await writeChunk(exchange.response, piece);
      exchange.countSent(piece.length);
      body.onWritten?.();
      await paced.wait(piece.length, signal);
    }
    at += chunk.length;
  };
  for await (const chunk of content.read(start, script.end)) {
    let rest = chunk;
    for (let event = events[0]; event && event.atByte < at + rest.length; event = events[0]) {
      events.shift();
      const before = event.atByte - at;
      if (before > 0) await write(rest.subarray(0, before));
      rest = rest.subarray(before);
      if (event.active.fault.kind === "corrupt") spoiled.push(spoiledBy(event));
      else if (!(await happen(event, exchange, body))) return false;
    }
    if (rest.length > 0) await write(rest);
  }
  if (script.extraBytes > 0) await write(new Uint8Array(script.extraBytes).fill(0x2e));
  await exchange.finishAndFlush();
  return true;
}

interface Spoiled {
  readonly start: number;
  readonly end: number;
}

function spoiledBy({ atByte, active }: BodyEvent): Spoiled {
  active.fire();
  return { start: atByte, end: atByte + (active.fault.kind === "corrupt" ? (active.fault.bytes ?? 1) : 0) };
}

/** The chunk with its spoiled bytes inverted; a copy where there are any, for the chunk may be the file itself. */
function spoil(chunk: Uint8Array, at: number, spoiled: readonly Spoiled[]): Uint8Array {
  if (!spoiled.some(({ start, end }) => start < at + chunk.length && end > at)) return chunk;
  // Not by `slice`, which is a view where the file is a `Buffer`.
  const copy = new Uint8Array(chunk);
  for (const { start, end } of spoiled) {
    const bad = copy.subarray(Math.max(start - at, 0), Math.max(end - at, 0));
    for (const [index, byte] of bad.entries()) bad[index] = byte ^ 0xff;
  }
  return copy;
}

/** Lets a fault happen. False where nothing comes after it. */
async function happen({ active }: BodyEvent, exchange: HttpExchange, body: SendBody): Promise<boolean> {
  const { fault, fire } = active;
  fire();
  exchange.response.flushHeaders();
  switch (fault.kind) {
    case "stall":
      await sleep(body.clock, fault.stallMs ?? Number.POSITIVE_INFINITY, body.signal);
      return true;
    case "reset":
      exchange.cut();
      return false;
    case "shortClose":
      exchange.close();
      return false;
    case "expireSession":
      body.expire?.(fault.session ?? "download");
      body.signal.throwIfAborted();
      return true;
    default:
      return true;
  }
}

/** Holds bytes back to a rate. */
interface Pace {
  /** Cuts a chunk so that the rate is even. */
  pieces(chunk: Uint8Array): Iterable<Uint8Array>;
  /** Waits until more may be sent. */
  wait(sentBytes: number, signal: AbortSignal): Promise<void> | undefined;
}

const freely: Pace = { pieces: (chunk) => [chunk], wait: () => undefined };

/** A pace of so many bytes a second; undefined: none. */
function pace(clock: Clock, bytesPerSecond: number | undefined): Pace {
  if (bytesPerSecond === undefined) return freely;
  const startedAt = clock.now();
  const pieceBytes = Math.max(1, Math.min(64 * 1024, Math.ceil(bytesPerSecond / 20)));
  let sent = 0;
  return {
    *pieces(chunk) {
      for (let at = 0; at < chunk.length; at += pieceBytes) yield chunk.subarray(at, at + pieceBytes);
    },
    wait(sentBytes, signal) {
      sent += sentBytes;
      const early = startedAt + (sent / bytesPerSecond) * 1000 - clock.now();
      return early > 0 ? sleep(clock, early, signal) : undefined;
    },
  };
}

/** Hands a chunk to the socket and waits until its memory may be used again. Rejects when the client has gone. */
function writeChunk(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error("the client went away"));
    if (response.destroyed || response.closed) {
      onClose();
      return;
    }
    response.once("close", onClose);
    response.write(chunk, (error) => {
      // A connection that breaks is told by its close, which comes after the failed write.
      if (error && !response.writableEnded) return;
      response.removeListener("close", onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
