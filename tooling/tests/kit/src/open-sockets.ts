import process from "node:process";

/** Kinds of the network sockets that are open in this process, one entry for each. Servers that listen do not count. */
export function openSockets(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => /^(?:TCPSocket|TLS)Wrap$/u.test(kind));
}
