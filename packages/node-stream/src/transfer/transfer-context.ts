import { backOffMs } from "./back-off.ts";
import { exhausted } from "./break.ts";
import type { Break } from "./break.ts";
import { publish } from "./channels.ts";
import type { Exchange } from "./exchange.ts";
import type { Flow } from "./flow.ts";
import type { Locator } from "./locate.ts";
import type { Progress } from "./progress.ts";
import type { TransferSettings } from "./settings.ts";
import type { TransferHead } from "./transfer-facts.ts";
import { sleep } from "../signals.ts";

/** What a transfer needs of the stream that it feeds. */
export interface Outlet {
  /** Tells it from others in diagnostics. */
  readonly id: number;
  /** Aborted when the stream is destroyed. */
  readonly signal: AbortSignal;
  /** Takes what the answer says of the file, once for each. */
  opened(head: TransferHead): void;
  /** Hands bytes over; false when that is enough for now. */
  deliver(chunk: Buffer): boolean;
}

/** What the exchanges of one transfer share. */
export interface TransferContext {
  readonly settings: TransferSettings;
  readonly outlet: Outlet;
  readonly locator: Locator;
  readonly flow: Flow;
  readonly progress: Progress;
  /** Those under way, to be broken off together. */
  readonly exchanges: Set<Exchange>;
  resumes: number;
  /** Breaks that few tries can mend, by the byte that they were at. */
  readonly stubbornBreaks: Map<number, number>;
}

/** Tells of a break and waits before the next try. Throws where there were too many in a row. */
export async function pauseAfter(
  context: TransferContext,
  broken: Break,
  { failures, fromByte }: { readonly failures: number; readonly fromByte: number },
): Promise<void> {
  const { cause } = broken;
  const { id, signal } = context.outlet;
  const { resumeLimit, resumeDelayMs, options } = context.settings;
  if (failures > resumeLimit || isHopeless(context, broken, fromByte)) throw exhausted(broken, failures - 1, fromByte);
  context.resumes += 1;
  const delayMs = broken.delayMs ?? backOffMs(failures, resumeDelayMs, Math.random());
  publish("carrel:transfer:resume", () => ({ transfer: id, fromByte, failures, delayMs, cause: cause.toJSON() }));
  options.onResume?.({ fromByte, cause, failures, delayMs });
  await sleep(delayMs, signal);
}

/** Whether a break that few tries can mend came too often at this byte. Others in between do not count. */
function isHopeless({ stubbornBreaks }: TransferContext, { resumeLimit }: Break, fromByte: number): boolean {
  if (resumeLimit === Infinity) return false;
  const count = (stubbornBreaks.get(fromByte) ?? 0) + 1;
  stubbornBreaks.set(fromByte, count);
  return count > resumeLimit;
}
