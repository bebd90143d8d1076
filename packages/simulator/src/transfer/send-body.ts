import { sleep } from "../clock/sleep.ts";
import type { Content } from "../content/content.ts";
import type { HttpExchange } from "../server/http-exchange.ts";
import type { Clock } from "@carrel/core";
import type { BodyEvent, BodyScript } from "./body-script.ts";
import { pace } from "./pace.ts";
import { writeChunk } from "./write-chunk.ts";

/** What is sent, and what may happen meanwhile. */
export interface SendBody {
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
  readonly expire?: (what: "download" | "api") => void;
}

/** Sends a body by its script and finishes the answer. False where a fault has ended it in another way. */
export async function sendBody(exchange: HttpExchange, body: SendBody): Promise<boolean> {
  const { content, start, script, signal } = body;
  const paced = pace(body.clock, body.bytesPerSecond);
  const events = [...script.events];
  let at = start;
  const write = async (chunk: Uint8Array): Promise<void> => {
    for (const piece of paced.pieces(chunk)) {
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
      const after = await happen(event, rest.subarray(Math.max(before, 0)), exchange, body);
      if (!after) return false;
      rest = after;
    }
    if (rest.length > 0) await write(rest);
  }
  if (script.extraBytes > 0) await write(new Uint8Array(script.extraBytes).fill(0x2e));
  await exchange.finishAndFlush();
  return true;
}

/** Lets a fault happen. The bytes that follow it, or undefined where nothing follows. */
async function happen(
  { active }: BodyEvent,
  rest: Uint8Array,
  exchange: HttpExchange,
  body: SendBody,
): Promise<Uint8Array | undefined> {
  const { fault, fire } = active;
  fire();
  switch (fault.kind) {
    case "stall":
      await sleep(body.clock, fault.stallMs ?? Number.POSITIVE_INFINITY, body.signal);
      return rest;
    case "reset":
      exchange.cut();
      return undefined;
    case "shortClose":
      exchange.close();
      return undefined;
    case "expireSession":
      body.expire?.(fault.what ?? "download");
      body.signal.throwIfAborted();
      return rest;
    case "corrupt": {
      const copy = rest.slice();
      const bad = copy.subarray(0, fault.bytes ?? 1);
      for (const [index, byte] of bad.entries()) bad[index] = byte ^ 0xff;
      return copy;
    }
    default:
      return rest;
  }
}
