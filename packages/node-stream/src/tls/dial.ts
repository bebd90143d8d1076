import { lookup as systemLookup } from "node:dns/promises";
import { BlockList, connect, isIP } from "node:net";
import type { Socket } from "node:net";
import { defined } from "@carrel/core/kit";

/** How {@link dial} connects. */
export interface DialOptions {
  /** Whether an address may be connected to. */
  readonly allows?: (address: string) => boolean;
  /**
   * Resolves a name to its addresses, the best one first.
   * @defaultValue that of the system
   */
  readonly lookup?: (host: string) => Promise<readonly string[]>;
  /**
   * Opens a connection to an address.
   * @defaultValue `net.connect`
   */
  readonly open?: (address: string, port: number) => Socket;
  /**
   * How long to wait for one address before the next is tried as well, in milliseconds.
   * @defaultValue 250
   */
  readonly attemptDelayMs?: number;
  /**
   * The time limit for all attempts together, in milliseconds.
   * @defaultValue 10_000
   */
  readonly limitMs?: number;
}

/** A host has no address that may be connected to. */
export class AddressRefusedError extends Error {
  override readonly name: string = "AddressRefusedError";
  readonly host: string;
  readonly address: string;

  constructor(host: string, address: string) {
    super(isIP(host) === 0 ? `${host} resolves to ${address}` : address);
    this.host = host;
    this.address = address;
  }
}

/**
 * Connects by TCP to the first address of a host that answers. The addresses race, each with a head start on the next
 * (RFC 8305): a dead one costs 250 ms, and a slow one stays in the race. Node abandons an address before it tries the next,
 * so that it never reaches a host with two addresses that answer in 300 ms.
 *
 * @throws AddressRefusedError: none of the addresses is allowed. Otherwise what the addresses failed with.
 */
export async function dial(
  host: string,
  port: number,
  sockets: OpenSockets,
  options: DialOptions = {},
): Promise<Socket> {
  const { allows, lookup = resolve, open = openSocket, attemptDelayMs = 250, limitMs = 10_000 } = options;
  sockets.signal.throwIfAborted();
  const resolved = isIP(host) === 0 ? await lookup(host) : [host];
  sockets.signal.throwIfAborted();
  const addresses = alternating(allows === undefined ? resolved : resolved.filter((address) => allows(address)));
  const [refused = host] = resolved;
  if (addresses.length === 0) throw new AddressRefusedError(host, refused);

  const { promise, resolve: win, reject } = Promise.withResolvers<Socket>();
  const racing = new Set<Socket>();
  const failures: Error[] = [];
  let next = 0;
  let waiting: NodeJS.Timeout | undefined;
  const start = (): void => {
    clearTimeout(waiting);
    const address = addresses[next];
    if (address === undefined) return;
    next += 1;
    const socket = open(address, port);
    racing.add(socket);
    sockets.add(socket);
    socket.once("connect", () => {
      racing.delete(socket);
      win(socket);
    });
    socket.on("error", (error) => {
      if (!racing.delete(socket)) return;
      failures.push(error);
      if (next < addresses.length) start();
      else if (racing.size === 0) reject(summary(failures));
    });
    waiting = setTimeout(start, attemptDelayMs);
  };
  const late = new Error(`no connection to ${host} within ${limitMs} ms (tried ${addresses.join(", ")})`);
  const limit = setTimeout(() => reject(Object.assign(late, { code: "ETIMEDOUT" })), limitMs);
  const onClose = (): void => reject(sockets.signal.reason);
  sockets.signal.addEventListener("abort", onClose, { once: true });
  start();
  try {
    return await promise;
  } finally {
    clearTimeout(waiting);
    clearTimeout(limit);
    sockets.signal.removeEventListener("abort", onClose);
    for (const socket of racing) socket.destroy();
    racing.clear();
  }
}

async function resolve(host: string): Promise<readonly string[]> {
  return (await systemLookup(host, { all: true })).map(({ address }) => address);
}

function openSocket(address: string, port: number): Socket {
  // As undici opens its own.
  const options = { highWaterMark: 65_536, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
  return connect({ host: address, port, ...options });
}

/** One address of each family in turn, beginning with the family of the first. */
function alternating(addresses: readonly string[]): readonly string[] {
  const family = isIP(addresses[0] ?? "");
  const first = addresses.filter((address) => isIP(address) === family);
  const second = addresses.filter((address) => isIP(address) !== family);
  return first
    .flatMap((address, index) => [address, ...second.slice(index, index + 1)])
    .concat(second.slice(first.length));
}

function summary(failures: readonly Error[]): Error {
  const [first = new Error("no address")] = failures;
  if (failures.length < 2) return first;
  const { code } = first as NodeJS.ErrnoException;
  const message = failures.map((failure) => failure.message).join(", ");
  return Object.assign(new Error(message, { cause: first }), defined({ code }));
}

/** Open sockets that are closed together, including those that are still connecting. */
export class OpenSockets {
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();

  /** Aborted when they are closed: no further socket may be opened. */
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
    this.#closing.abort(new Error("The connections were closed"));
    for (const socket of this.#sockets) socket.destroy();
  }
}

const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16, "ipv4");
linkLocal.addSubnet("fe80::", 10, "ipv6");
// The same IPv4 addresses written as IPv6, besides the mapped form, which a BlockList recognizes by itself.
linkLocal.addSubnet("::169.254.0.0", 112, "ipv6");
linkLocal.addSubnet("64:ff9b::169.254.0.0", 112, "ipv6");

/**
 * Whether a host is a link-local address. No vCenter serves files there, but the metadata services of clouds hand out
 * credentials there. Accepts brackets and zones; does not resolve names.
 */
export function isLinkLocal(host: string): boolean {
  const address = withoutBrackets(host).replace(/%.*$/u, "");
  const family = isIP(address);
  return family !== 0 && linkLocal.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** A host of a URL without the brackets of an IPv6 address. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/u, "$1");
}
