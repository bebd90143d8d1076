import { bufferContent } from "../content/buffer-content.ts";
import type { ActiveFaults } from "../faults/active-faults.ts";
import type { Subject } from "../faults/subject.ts";
import type { World } from "../state/world.ts";
import { scriptOf } from "../transfer/body-script.ts";
import { sendBody } from "../transfer/send-body.ts";
import type { Answer } from "../http/answer.ts";
import type { HttpExchange } from "../http/http-exchange.ts";

/** Sends the answer of an operation, with what the faults make of its body. */
export async function sendAnswer(
  exchange: HttpExchange,
  plain: Answer,
  faults: ActiveFaults,
  subject: Subject,
  world: World,
): Promise<void> {
  const odd = faults.fire("body");
  const answer: Answer = odd
    ? {
        status: odd.status ?? plain.status,
        headers: { ...plain.headers, "Content-Type": odd.contentType ?? "application/json" },
        body: odd.body,
      }
    : plain;
  const bytes = Buffer.from(answer.body ?? "");
  const script = scriptOf(faults, 0, bytes.length);
  if (script.events.length === 0 && script.end === bytes.length && script.extraBytes === 0) {
    exchange.answer(answer);
  } else {
    const length = { "Content-Length": String(script.end + script.extraBytes) };
    exchange.begin(answer.status, { ...answer.headers, ...length }, script.closeDelimited);
    await sendBody(exchange, {
      content: bufferContent(bytes),
      start: 0,
      script,
      clock: world.clock,
      signal: exchange.left,
      expire: (what) => {
        if (what === "api") world.apiSessions.expireAll();
        else if (subject.session) world.downloadSessions.expire(subject.session);
      },
    });
  }
  if (answer.body !== undefined) exchange.record.update({ responseBody: textFor(exchange, answer.body) });
}

/** The answer of a login is a secret as a whole. */
function textFor(exchange: HttpExchange, body: string): string {
  const { operation, status } = exchange.record.current;
  return operation === "session.create" && status !== undefined && status < 300 ? "[redacted]" : body;
}
