import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDispatcher } from "../../src/tls/create-dispatcher.ts";
import { AddressRefusedError, dial, isLinkLocal, OpenSockets } from "../../src/tls/dial.ts";
import type { DialOptions } from "../../src/tls/dial.ts";
import { ProxyRules } from "../../src/tls/proxy-rules.ts";
import { sortFailure } from "../../src/transfer/failure.ts";

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

/** Scripted addresses: `dead` never answers, `refused` is refused, `late` answers after another was tried, `good` at once. */
function scripted(script: Readonly<Record<string, "dead" | "refused" | "late" | "good">>): {
  readonly options: DialOptions;
  readonly tried: readonly string[];
  readonly opened: readonly Socket[];
} {
  const tried: string[] = [];
  const opened: Socket[] = [];
  const waiting: Socket[] = [];
  const open = (address: string): Socket => {
    tried.push(address);
    for (const socket of waiting.splice(0)) socket.connect({ host: "127.0.0.1", port });
    const kind = script[address];
    const socket = kind === "good" ? connect({ host: "127.0.0.1", port }) : new Socket();
    if (kind === "late") waiting.push(socket);
    if (kind === "refused") queueMicrotask(() => socket.destroy(new Error(`connect ECONNREFUSED ${address}`)));
    opened.push(socket);
    return socket;
  };
  const lookup = async (): Promise<readonly string[]> => Object.keys(script);
  return { options: { lookup, open, attemptDelayMs: 20 }, tried, opened };
}

describe("dial, with several addresses of a name", () => {
  test.for([
    // The first answers after the delay, and the second never: Node would abandon each for the other.
    [{ "10.0.0.1": "late", "10.0.0.2": "dead" }, ["10.0.0.1", "10.0.0.2"]],
    [{ "10.0.0.1": "dead", "10.0.0.2": "late", "10.0.0.3": "dead" }, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]],
    [{ "10.0.0.1": "dead", "10.0.0.2": "good" }, ["10.0.0.1", "10.0.0.2"]],
    [{ "10.0.0.1": "refused", "10.0.0.2": "refused", "10.0.0.3": "good" }, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]],
    [{ "10.0.0.1": "late", "10.0.0.2": "refused" }, ["10.0.0.1", "10.0.0.2"]],
    [{ "10.0.0.1": "good", "10.0.0.2": "dead" }, ["10.0.0.1"]],
    // The families take turns.
    [{ "fd00::1": "dead", "fd00::2": "dead", "10.0.0.1": "good", "10.0.0.2": "dead" }, ["fd00::1", "10.0.0.1"]],
  ] as const)("%j", async ([script, expected]) => {
    const { options, tried, opened } = scripted(script);
    const sockets = new OpenSockets();
    const socket = await dial("vc.example.test", port, sockets, options);
    expect(socket.readyState).toBe("open");
    expect(tried).toEqual(expected);
    expect(opened.filter(({ destroyed }) => !destroyed)).toEqual([socket]);
    sockets.destroy();
    expect(socket.destroyed).toBe(true);
  });

  test("fails with all of them where all fail, and leaves nothing open", async () => {
    const { options, opened } = scripted({ "10.0.0.1": "refused", "10.0.0.2": "refused" });
    const failed = dial("vc.example.test", port, new OpenSockets(), options);
    await expect(failed).rejects.toThrow("connect ECONNREFUSED 10.0.0.1, connect ECONNREFUSED 10.0.0.2");
    const silent = scripted({ "10.0.0.1": "dead", "10.0.0.2": "dead" });
    const late = dial("vc.example.test", port, new OpenSockets(), { ...silent.options, limitMs: 60 });
    await expect(late).rejects.toMatchObject({
      code: "ETIMEDOUT",
      message: "no connection to vc.example.test within 60 ms (tried 10.0.0.1, 10.0.0.2)",
    });
    expect([...opened, ...silent.opened].filter(({ destroyed }) => !destroyed)).toEqual([]);
  });

  test("stops when the connections are closed, even while the name is being resolved", async () => {
    const sockets = new OpenSockets();
    const { options, opened } = scripted({ "10.0.0.1": "dead" });
    const dialled = dial("vc.example.test", port, sockets, options);
    await expect.poll(() => opened.length).toBe(1);
    sockets.destroy();
    await expect(dialled).rejects.toBe(sockets.signal.reason);
    expect(opened[0]?.destroyed).toBe(true);

    const { promise, resolve } = Promise.withResolvers<readonly string[]>();
    const closing = new OpenSockets();
    const resolving = dial("vc.example.test", port, closing, { ...options, lookup: () => promise });
    closing.destroy();
    resolve(["10.0.0.1"]);
    await expect(resolving).rejects.toBe(closing.signal.reason);
    expect(opened).toHaveLength(1);
  });

  test("does not connect to those that are not allowed", async () => {
    const allows = (address: string): boolean => !isLinkLocal(address);
    const mixed = scripted({ "169.254.169.254": "good", "10.0.0.1": "good" });
    (await dial("vc.example.test", port, new OpenSockets(), { ...mixed.options, allows })).destroy();
    expect(mixed.tried).toEqual(["10.0.0.1"]);
    const all = scripted({ "169.254.169.254": "good", "fe80::1%eth0": "good" });
    const refused = dial("vc.example.test", port, new OpenSockets(), { ...all.options, allows });
    await expect(refused).rejects.toThrow(AddressRefusedError);
    await expect(refused).rejects.toThrow("vc.example.test resolves to 169.254.169.254");
    expect(all.tried).toEqual([]);
  });
});

test("openTransfer fails without a retry, naming the host, where it resolves only to link-local addresses", async () => {
  const { options, tried } = scripted({ "169.254.169.254": "good", "fe80::1": "good" });
  const sockets = new OpenSockets();
  const dispatcher = createDispatcher({
    ca: undefined,
    proxies: new ProxyRules(false),
    judge: () => undefined,
    sockets,
    dialling: { ...options, allows: (address) => !isLinkLocal(address) },
  });
  const origin = "http://metadata.example.test";
  const error: unknown = await dispatcher.request({ origin, path: "/x", method: "GET" }).catch((cause: unknown) =>
    sortFailure(cause, {
      retryForMs: undefined,
      label: '"disk.vmdk"',
      stallTimeoutMs: 1000,
      route: {
        url: {
          protocol: "http:",
          origin,
          host: "metadata.example.test",
          hostname: "metadata.example.test",
          target: "/x",
        },
        dispatcher,
        leaseSignal: undefined,
        authorization: undefined,
        clientOrigin: "http://vc.example.test",
      },
    }),
  );
  expect(error).toMatchObject({
    problem: "endpoint",
    retryable: false,
    message: expect.stringContaining(
      "metadata.example.test resolves to 169.254.169.254, a link-local address",
    ) as string,
  });
  expect(tried).toEqual([]);
  await dispatcher.destroy();
});

test.for([
  ["169.254.169.254", true],
  ["169.255.0.1", false],
  ["[fe80::1]", true],
  ["febf::1", true],
  ["fec0::1", false],
  ["fe80::1%eth0", true],
  ["[::ffff:169.254.169.254]", true],
  ["[::ffff:a9fe:a9fe]", true],
  ["::169.254.169.254", true],
  ["64:ff9b::169.254.169.254", true],
  ["64:ff9b::10.0.0.1", false],
  ["127.0.0.1", false],
  ["::1", false],
  ["metadata.example.test", false],
  ["", false],
] as const)("isLinkLocal(%j) is %s", ([host, expected]) => {
  expect(isLinkLocal(host)).toBe(expected);
});
