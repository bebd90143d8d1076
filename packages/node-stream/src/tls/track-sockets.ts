import type { Socket } from "node:net";
import type { buildConnector } from "undici";

type Connector = buildConnector.connector;

/** Keeps the sockets of a connector in a set for as long as they are connecting, so that they can be destroyed. */
export function trackSockets(connect: Connector, sockets: Set<Socket>): Connector {
  return (options, callback) => {
    const started: unknown = connect(options, (...outcome) => {
      sockets.delete(started as Socket);
      callback(...outcome);
    });
    if (isSocket(started)) sockets.add(started);
  };
}

function isSocket(value: unknown): value is Socket {
  return typeof value === "object" && value !== null && "destroy" in value;
}
