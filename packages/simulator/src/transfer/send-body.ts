import type { ServerResponse } from "node:http";
import type { Clock } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import type { Content } from "../content/content.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import type { BodyEvent, BodyScript } from "./body-script.ts";

/** A body, and what may happen while it is sent. */
interface SendBody {
  readonly content: Content;
  readonly start: number;
  readonly script: BodyScript;
  readonly clock: Clock;
  /** Stops the sending before the next write. */
  readonly signal: AbortSignal;
  /** @defaultValue as fast as the client reads */
  readonly bytesPerSecond?: number | undefined;
  /** Called after each write. */
  readonly onWritten?: (() => void) | undefined;
  /** Ends the download session that the body belongs to, or every login. */
  readonly expire?: (which: "download" | "api") => void;
}

/** Sends a body by its script and finishes the answer. Returns false where a fault has ended it in another way. */
export async function sendBody(exchange: HttpExchange, body: SendBody): Promise<boolean> {
  const { content, start, script, signal } = body;
  const pace = paceOf(body.clock, body.bytesPerSecond);
  const events = [...script.events];
  const corrupted: ByteRange[] = [];
  let offset = start;
  const write = async (chunk: Uint8Array): Promise<void> => {
    for (const piece of pace.pieces(corrupt(chunk, offset, corrupted))) {
      signal.throwIfAborted();
      await writeChunk(exchange.response, piece);
      exchange.countSent(piece.length);
      body.onWritten?.();
      await pace.wait(piece.length, signal);
    }
    offset += chunk.length;
  };
  for await (const chunk of content.read(start, script.end)) {
    let rest = chunk;
    for (let event = events[0]; event && event.atByte < offset + rest.length; event = events[0]) {
      events.shift();
      const before = event.atByte - offset;
      if (before > 0) await write(rest.subarray(0, before));
      rest = rest.subarray(before);
      if (event.active.fault.kind === "corrupt") corrupted.push(corruptedBy(event));
      else if (!(await applyEvent(event, exchange, body))) return false;
    }
    if (rest.length > 0) await write(rest);
  }
  if (script.extraBytes > 0) await write(new Uint8Array(script.extraBytes).fill(0x2e));
  await exchange.finishAndFlush();
  return true;
}

/** Offsets in the file; `end` is excluded. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

function corruptedBy({ atByte, active }: BodyEvent): ByteRange {
  active.fire();
  return { start: atByte, end: atByte + (active.fault.kind === "corrupt" ? (active.fault.bytes ?? 1) : 0) };
}

/** Inverts bytes of a chunk. Returns a copy where there are any, because the chunk may be the memory of the file itself. */
function corrupt(chunk: Uint8Array, offset: number, ranges: readonly ByteRange[]): Uint8Array {
  if (!ranges.some(({ start, end }) => start < offset + chunk.length && end > offset)) return chunk;
  // Not by `slice`, which is a view where the file is a `Buffer`.
  const copy = new Uint8Array(chunk);
  for (const { start, end } of ranges) {
    const bad = copy.subarray(Math.max(start - offset, 0), Math.max(end - offset, 0));
    for (const [index, byte] of bad.entries()) bad[index] = byte ^ 0xff;
  }
  return copy;
}

/** Applies a fault at its position. Returns false where the fault ends the body. */
async function applyEvent({ active }: BodyEvent, exchange: HttpExchange, body: SendBody): Promise<boolean> {
  const { fault, fire } = active;
  fire();
  exchange.response.flushHeaders();
  switch (fault.kind) {
    case "stall":
      await sleep(body.clock, fault.stallMs ?? Infinity, body.signal, { background: true });
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

/** Limits the rate of a body. */
interface Pace {
  /** Cuts a chunk into pieces, so that the rate is even. */
  pieces(chunk: Uint8Array): Iterable<Uint8Array>;
  /** Waits until more may be sent. */
  wait(sentBytes: number, signal: AbortSignal): Promise<void> | undefined;
}

const unlimited: Pace = { pieces: (chunk) => [chunk], wait: () => undefined };

function paceOf(clock: Clock, bytesPerSecond: number | undefined): Pace {
  if (bytesPerSecond === undefined) return unlimited;
  const startedAtMs = clock.now();
  const pieceBytes = Math.max(1, Math.min(64 * 1024, Math.ceil(bytesPerSecond / 20)));
  let sent = 0;
  return {
    *pieces(chunk) {
      for (let at = 0; at < chunk.length; at += pieceBytes) yield chunk.subarray(at, at + pieceBytes);
    },
    wait(sentBytes, signal) {
      sent += sentBytes;
      const earlyMs = startedAtMs + (sent / bytesPerSecond) * 1000 - clock.now();
      return earlyMs > 0 ? sleep(clock, earlyMs, signal, { background: true }) : undefined;
    },
  };
}

/** Passes a chunk to the socket and waits until its memory may be used again. Rejects when the client has disconnected. */
function writeChunk(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error("the client has disconnected"));
    if (response.destroyed || response.closed) {
      onClose();
      return;
    }
    response.once("close", onClose);
    response.write(chunk, (error) => {
      // A connection that breaks emits `close` after the failed write, and that settles the promise.
      if (error && !response.writableEnded) return;
      response.removeListener("close", onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
