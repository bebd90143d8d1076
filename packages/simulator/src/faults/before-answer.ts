import type { WireStyle } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import { seededContent } from "../content/seeded-content.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import { errorTypeOfStatus, errorAnswer } from "../http/answer.ts";
import { VapiError, message } from "../model/vapi-error.ts";
import type { World } from "../state/world.ts";
import type { ActiveFaults, Subject } from "./active-faults.ts";
import type { ChangeContentFault, RedirectFault, StatusFault } from "../model/fault.ts";

/** An exchange whose answer has not begun. */
export interface Unanswered {
  readonly exchange: HttpExchange;
  readonly world: World;
  readonly subject: Subject;
  /** Undefined for transfers, whose errors have no body. */
  readonly style: WireStyle | undefined;
}

/** Applies the faults that come before an answer. Returns true where one of them replaces the answer. */
export async function applyBefore(faults: ActiveFaults, before: Unanswered): Promise<boolean> {
  const { exchange, world, subject } = before;
  for (const { fault, fire } of faults.whole) {
    switch (fault.kind) {
      case "delay":
        fire();
        await sleep(world.clock, fault.delayMs, exchange.closed, { background: true });
        break;
      case "expireSession":
        fire();
        if (fault.session === "api") world.apiSessions.expireAll();
        else if (subject.session) world.downloadSessions.expire(subject.session);
        break;
      case "renameFile":
        fire();
        if (subject.item) world.store.renameFile(subject.item, fault.file, fault.name);
        break;
      case "changeContent":
        fire();
        changeContent(fault, before);
        break;
      case "stall":
        fire();
        if (fault.stallMs === undefined) return true;
        await sleep(world.clock, fault.stallMs, exchange.closed, { background: true });
        break;
      case "status":
        fire();
        answerStatus(fault, before);
        return true;
      case "htmlPage":
        fire();
        exchange.answer({ status: fault.status ?? 200, headers: { "Content-Type": "text/html" }, body: loginPage });
        return true;
      case "redirect":
        fire();
        redirect(fault, before);
        return true;
      case "reset":
        fire();
        exchange.cut();
        return true;
      default:
        break;
    }
  }
  return false;
}

const loginPage =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form method="post">Sign in</form></body></html>\n';

function answerStatus(fault: StatusFault, { exchange, world, style }: Unanswered): void {
  const headers: Record<string, string> =
    fault.retryAfterSeconds === undefined ? {} : { "Retry-After": String(fault.retryAfterSeconds) };
  if (!style) {
    exchange.answer({ status: fault.status, headers, body: undefined });
    return;
  }
  const text = fault.message ?? `Fault of the simulator: status ${fault.status}.`;
  const error = new VapiError(
    fault.errorType ?? errorTypeOfStatus(fault.status),
    [message("carrel.simulator.fault", text)],
    headers,
  );
  exchange.answer({ ...errorAnswer(style, world.traits, error), status: fault.status });
}

function redirect(fault: RedirectFault, { exchange }: Unanswered): void {
  const elsewhere = new URL(exchange.request.url ?? "/", exchange.origin);
  elsewhere.hostname = "localhost";
  exchange.answer({
    status: fault.status ?? 302,
    headers: { Location: fault.location ?? elsewhere.href },
    body: undefined,
  });
}

function changeContent(fault: ChangeContentFault, { subject, world }: Unanswered): void {
  const file = subject.item?.files.get(fault.file);
  if (!subject.item || !file) return;
  const seed = `${file.name} changed after version ${file.version}`;
  world.store.changeFiles(subject.item, [{ ...file, content: seededContent(seed, file.content.sizeBytes) }]);
}
