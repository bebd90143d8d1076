import { CarrelError } from "../errors/carrel-error.ts";
import { isGone, TransportError } from "../errors/call-errors.ts";
import { withinTime } from "../kit/time.ts";
import type { LeaseSettings } from "./lease-settings.ts";

const limitMs = 5_000;

/**
 * Ends a session on the server within its own time limit, also after the signals of the caller were aborted. A session
 * that does not exist or has ended counts as ended. A failure is reported as a diagnostic event and not thrown.
 */
export async function endSession(
  settings: Pick<LeaseSettings, "calls" | "clock" | "observer">,
  id: string,
  how: "delete" | "cancel",
): Promise<void> {
  const reason = (): TransportError =>
    new TransportError(`Cannot end download session ${id}: no answer within ${limitMs} ms`, { code: "TIMEOUT" });
  try {
    await withinTime(settings.clock, limitMs, reason, undefined, (signal) =>
      settings.calls.end(id, how, { signal, attemptTimeoutMs: limitMs, retryLimit: 2 }),
    );
  } catch (error) {
    if (isGone(error)) return;
    const shown =
      error instanceof CarrelError
        ? error
        : new TransportError(`Cannot end download session ${id}: unexpected failure`, { cause: error });
    settings.observer.emit({ type: "left-open", sessionId: id, error: shown.toJSON() });
  }
}
