import type { ActiveFaults } from "../faults/active-faults.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import type { ItemFile } from "../model/library.ts";
import type { World } from "../state/world.ts";
import { answerRange } from "./answer-range.ts";
import { plainScript, scriptOf } from "./body-script.ts";
import { sendBody } from "./send-body.ts";

/** What may happen while a file is sent. */
export interface FileWatch {
  /** Stops the sending before the next write. */
  readonly signal: AbortSignal;
  /** Called after each write. */
  readonly onWritten?: () => void;
  /** Ends the download session that the file is sent under. */
  readonly expire?: () => void;
}

/** Answers a request for a file. True where its last byte was sent. */
export async function sendFile(
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
    expire: (what) => {
      if (what === "api") world.apiSessions.expireAll();
      else watch.expire?.();
    },
  });
  return whole && answer.end === file.content.sizeBytes;
}
