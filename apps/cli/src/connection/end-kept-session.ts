import { CarrelError, tokenAuth } from "@carrel/core";
import { connectWith } from "./connect.ts";
import { explainFailure } from "../run/explain-failure.ts";
import type { Run } from "../run/run-command.ts";
import type { ServerSettings } from "../settings/connection-settings.ts";

const limitMs = 10_000;

/**
 * Ends an API session on its server, within ten seconds. One that is over already counts as ended.
 * @returns Why it could not be ended, where it could not; never throws but after Ctrl-C.
 */
export async function endKeptSession(settings: ServerSettings, token: string, run: Run): Promise<string | undefined> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    await using connection = connectWith(settings, tokenAuth(token), run);
    await connection.client.session.delete({ signal: AbortSignal.any([run.signal, limit]) });
    return undefined;
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof CarrelError && error.code === "AUTH") return undefined;
    if (limit.aborted) return `${settings.server.host} does not answer within ${limitMs / 1000} s.`;
    return explainFailure(error).message ?? "interrupted";
  }
}
