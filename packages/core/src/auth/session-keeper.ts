import { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/call-errors.ts";
import type { Observer } from "../diagnostics.ts";
import type { Secrets } from "../redact.ts";
import { abortable } from "../kit/signals.ts";
import type { AuthProvider, ApiSessionCalls } from "./auth-provider.ts";

/** Holds the API session of a client. */
export interface SessionKeeper {
  /**
   * The API session id. `rejected` is the one that the server has just refused: then a new one, by one login that all
   * who wait share. A refused login is final, so that a wrong password is sent once and not once for each call.
   *
   * @param mayLive - The rejected one may be good elsewhere, as where a transfer was refused: it is logged out at the end.
   */
  token(signal: AbortSignal | undefined, rejected?: string, mayLive?: boolean): Promise<string>;
  /** Logs out, if there was a login. */
  close(): Promise<void>;
}

/** At most this many that were replaced are logged out at the end; more run out by themselves. */
const mostReplaced = 50;

/** Keeps one API session for all calls of a client. */
export function createSessionKeeper(
  provider: AuthProvider,
  exchange: ApiSessionCalls,
  observer: Observer,
  secrets: Secrets,
): SessionKeeper {
  let current: string | undefined;
  const replaced = new Set<string>();
  let pending: Promise<string> | undefined;
  let refused: unknown;
  let closed = false;

  async function login(rejected: string | undefined): Promise<string> {
    try {
      const token = await provider.login(exchange, rejected);
      secrets.add(token);
      current = token;
      observer.emit({ type: "login", renewed: rejected !== undefined });
      return current;
    } catch (error) {
      if (error instanceof ServerError && error.code === "AUTH") refused = error;
      throw error;
    } finally {
      pending = undefined;
    }
  }

  return {
    async token(signal, rejected, mayLive = false) {
      signal?.throwIfAborted();
      // A late caller must not log in anew: nobody would log out any more.
      if (closed) throw new TypeError("the client is closed");
      if (refused !== undefined) throw refused;
      if (current !== undefined && current !== rejected) return current;
      if (mayLive && current !== undefined && replaced.size < mostReplaced) replaced.add(current);
      current = undefined;
      pending ??= login(rejected);
      return abortable(pending, signal);
    },
    async close() {
      closed = true;
      await pending?.catch(() => undefined);
      const token = current;
      current = undefined;
      await Promise.all(Array.from(replaced, async (old) => provider.logout(exchange, old).catch(() => undefined)));
      if (token === undefined) return;
      try {
        await provider.logout(exchange, token);
        observer.emit({ type: "logout" });
      } catch (error) {
        // An API session that is over already needs no logout, and one that cannot be ended runs out by itself.
        observer.emit({ type: "logout", ...(error instanceof CarrelError ? { error: error.toJSON() } : {}) });
      }
    },
  };
}
