import { CarrelError } from "../errors/carrel-error.ts";
import { isGone, ServerError, TransportError } from "../errors/call-errors.ts";
import { SessionLostError } from "../errors/session-errors.ts";
import type { AttemptOptions } from "../http/attempt.ts";
import { withinTime } from "../kit/time.ts";
import type { LeaseEffect, LeaseEvent, LeaseState } from "./machine.ts";
import type { LeaseSettings } from "./lease-settings.ts";
import { readLife, readSession } from "./session-calls.ts";

type Settings = Pick<LeaseSettings, "calls" | "clock">;
type Effect<Type> = Extract<LeaseEffect, { type: Type }>;

/** Carries out one renewal and returns its outcome as an event. Never rejects. */
export async function renewSession(
  settings: Settings,
  state: LeaseState,
  effect: Effect<"renew">,
  stopped: AbortSignal,
): Promise<LeaseEvent> {
  if (!("session" in state)) return { type: "due" };
  const { session, lifeMs } = state;
  const sentAtMs = settings.clock.now();
  try {
    const serverTimeMs = await limited(settings, effect.limitMs, stopped, async (options) => {
      try {
        return await settings.calls.keepAlive(session.id, effect.percent, options);
      } catch (error) {
        // How a server reacts to a progress that it does not accept is unconfirmed, so the session is renewed without
        // it.
        const isRefused = error instanceof ServerError && error.errorType === "INVALID_ARGUMENT";
        if (!isRefused || effect.percent === undefined) throw error;
        return await settings.calls.keepAlive(session.id, undefined, options);
      }
    });
    const elapsedMs = settings.clock.now() - (state.endsAtMs - lifeMs);
    const expiresAt = new Date(
      serverTimeMs === undefined ? session.expiresAt.getTime() + elapsedMs : serverTimeMs + lifeMs,
    );
    return { type: "renewed", sentAtMs, expiresAt, percent: effect.percent ?? session.progressPercent };
  } catch (error) {
    return { type: "renewal-failed", ...classify(error) };
  }
}

/** Reads the session after a renewal without an answer, and returns the result as an event. Never rejects. */
export async function askForSession(
  settings: Settings,
  state: LeaseState,
  effect: Effect<"ask">,
  stopped: AbortSignal,
): Promise<LeaseEvent> {
  if (!("session" in state)) return { type: "due" };
  const sentAtMs = settings.clock.now();
  const { session: held } = state;
  try {
    const answer = await limited(settings, effect.limitMs, stopped, (options) => settings.calls.get(held.id, options));
    const { state: found = "ACTIVE", error_message: message } = answer.model;
    if (found !== "ACTIVE") {
      const why = message ? `: ${message.default_message}` : "";
      return {
        type: "question-failed",
        kind: "gone",
        cause: new SessionLostError(`Its state on the server is ${found}${why}`),
      };
    }
    const session = readSession(held.id, held.itemId, answer.model);
    return { type: "found", session, remainingMs: readLife(answer), sentAtMs };
  } catch (error) {
    const { kind, cause } = classify(error);
    return { type: "question-failed", kind: kind === "gone" ? "gone" : "retry", cause };
  }
}

function limited<T>(
  settings: Settings,
  limitMs: number,
  stopped: AbortSignal,
  work: (options: AttemptOptions) => Promise<T>,
): Promise<T> {
  const reason = (): TransportError =>
    new TransportError(`The renewal got no answer within ${Math.round(limitMs)} ms`, { code: "TIMEOUT" });
  return withinTime(settings.clock, limitMs, reason, stopped, (signal) =>
    work({ signal, attemptTimeoutMs: limitMs, retryLimit: 0 }),
  );
}

function classify(error: unknown): { readonly kind: "retry" | "unknown" | "gone"; readonly cause: CarrelError } {
  if (isGone(error)) return { kind: "gone", cause: error };
  if (error instanceof TransportError && error.code === "TIMEOUT") return { kind: "unknown", cause: error };
  if (error instanceof CarrelError) return { kind: "retry", cause: error };
  return { kind: "retry", cause: new TransportError("The renewal was aborted", { cause: error }) };
}
