import type { Socket } from "node:net";
import { untilAborted } from "../signals.ts";
import { createDispatcher } from "./create-dispatcher.ts";
import { OpenSockets } from "./open-sockets.ts";
import type { ProxyRules } from "./proxy-rules.ts";
import type { TlsOptions } from "./tls-options.ts";

/** Options of {@link connectOnce}. */
export interface ConnectOnceOptions {
  readonly ca?: TlsOptions["ca"];
  readonly proxies: ProxyRules;
  readonly signal: AbortSignal;
}

/**
 * Connects to a server as transfers do, lets its socket be looked at, and closes it. Nothing is sent to the server.
 * Rejects with what is in the way, and with the signal's reason.
 */
export async function connectOnce<T>(
  server: URL,
  { ca, proxies, signal }: ConnectOnceOptions,
  look: (socket: Socket) => T,
): Promise<T> {
  const sockets = new OpenSockets();
  const enough = new Error("The socket was looked at, and that was all.");
  let seen: { readonly value: T } | undefined;
  const judge = (socket: Socket): Error => {
    seen = { value: look(socket) };
    return enough;
  };
  const dispatcher = createDispatcher({ ca, proxies, judge, sockets });
  try {
    // undici heeds a signal only when it has connected.
    await untilAborted(dispatcher.request({ origin: server.origin, path: "/", method: "HEAD" }), signal);
  } catch (error) {
    if (error !== enough) throw error;
  } finally {
    const destroyed = dispatcher.destroy();
    sockets.destroy();
    await destroyed;
  }
  if (seen === undefined) throw new Error(`${server.host} answered a request that was not sent.`);
  return seen.value;
}
