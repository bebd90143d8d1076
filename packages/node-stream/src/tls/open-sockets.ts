import type { Socket } from "node:net";

/** Sockets that were opened and are to be closed together, those that are still connecting included. */
export class OpenSockets {
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();

  /** Aborted when they are closed: nothing may be opened any more. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Keeps a socket until it is closed. */
  add(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.signal.aborted) socket.destroy();
  }

  destroy(): void {
    this.#closing.abort(new Error("The connections were closed."));
    for (const socket of this.#sockets) socket.destroy();
  }
}
