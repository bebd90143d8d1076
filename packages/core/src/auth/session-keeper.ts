import { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/call-errors.ts";
import type { Observer } from "../diagnostics.ts";
import type { Secrets } from "../redact.ts";
import { abortable } from "../kit/signals.ts";
import type { AuthProvider, ApiSessionCalls } from "./auth-provider.ts";

/** The API session of a client. */
export interface SessionKeeper {
  /**
   * Returns the API session id. Where it is the `rejected` one, logs in once for all callers that wait and returns the
   * new one. A refused login is final, so that a wrong password is sent once and not once for each call, which would
   * lock the account.
   *
   * @param mayLive - The rejected one may still be valid, as when a transfer was refused. It is ended when the client
   * closes.
   */
  token(signal: AbortSignal | undefined, rejected?: string, mayLive?: boolean): Promise<string>;
  /**
   * Forgets the API session, and returns its id with a function that sends the logout without waiting for the answer;
   * undefined where there is none. The next caller logs in again.
   */
  abandon(): { readonly token: string; readonly logOut: () => void } | undefined;
  /** Logs out where there was a login. */
  close(): Promise<void>;
}

/** At most this many replaced API sessions are ended at the close; the others expire. */
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
      // A late caller must not log in again, because nothing would log out of that session.
      if (closed) throw new TypeError("the client is closed");
      if (refused !== undefined) throw refused;
      if (current !== undefined && current !== rejected) return current;
      if (mayLive && current !== undefined && replaced.size < mostReplaced) replaced.add(current);
      current = undefined;
      pending ??= login(rejected);
      return abortable(pending, signal);
    },
    abandon() {
      const token = current;
      current = undefined;
      if (token === undefined) return undefined;
      return { token, logOut: () => void provider.logout(exchange, token).catch(() => undefined) };
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
        // An API session that has ended needs no logout, and one that cannot be ended will expire.
        observer.emit({ type: "logout", ...(error instanceof CarrelError ? { error: error.toJSON() } : {}) });
      }
    },
  };
}
