import type { CarrelError, Clock, NextAttempt } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { isOutage, patienceOf } from "@carrel/node-stream/task";
import type { Outages } from "../output/outages.ts";
import type { Connection } from "./connect.ts";

/** How long calls are repeated, and who reports it. */
export interface PatientCallsOptions {
  readonly retryForMs: number | undefined;
  readonly clock: Clock | undefined;
  readonly outages: Outages;
  readonly signal: AbortSignal;
}

/**
 * Makes calls until they succeed, or an outage lasts too long. They fail at once where the server has never answered, because
 * its name or the way to it is wrong then.
 */
export async function callPatiently<T>(
  connection: Pick<Connection, "hasAnswered">,
  calls: () => Promise<T>,
  { retryForMs, clock, outages, signal }: PatientCallsOptions,
): Promise<T> {
  const onRetry = (cause: CarrelError, next: NextAttempt): void => outages.failed({ cause: cause.toJSON(), ...next });
  try {
    return await calls();
  } catch (error) {
    signal.throwIfAborted();
    if (!connection.hasAnswered || !isOutage(error)) throw error;
  }
  const result = await patienceOf(defined({ retryForMs, clock }), onRetry)(calls, signal);
  outages.callAnswered();
  return result;
}
