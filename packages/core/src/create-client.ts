import { checkOneOf, shown } from "./kit/checks.ts";
import { createSessionKeeper } from "./auth/session-keeper.ts";
import type { ApiSessionCalls } from "./auth/auth-provider.ts";
import type { CarrelClient } from "./client.ts";
import type { ClientOptions } from "./client-options.ts";
import { systemClock } from "./kit/time.ts";
import { readEndpoint } from "./endpoint.ts";
import { createFace } from "./gen/face.gen.ts";
import { operations } from "./gen/operations.gen.ts";
import { createCaller } from "./http/caller.ts";
import type { Caller } from "./http/caller.ts";
import { createSendRequest } from "./http/exchange.ts";
import { createGate, followPage } from "./http/page-life.ts";
import { createRepeat } from "./http/repeat.ts";
import { retryRules } from "./http/retry.ts";
import { createLeaseRegistry } from "./lease/lease-settings.ts";
import { openLease } from "./lease/open-lease.ts";
import { createSchedule } from "./lease/schedule.ts";
import { createSessionCalls } from "./lease/session-calls.ts";
import { createObserver } from "./diagnostics.ts";
import { createSecrets } from "./redact.ts";
import type { Call } from "./wire/call.ts";
import { createCodecChooser } from "./http/codec-chooser.ts";
import { createMapUrl } from "./http/transfer-urls.ts";
import { pageOrigin } from "./kit/platform.ts";
import { checkCall, checkCallOptions } from "./wire/call.ts";

const defaultTokenHeaders = ["Client-Token", "client_token"];

/**
 * Makes a client of one vCenter. Sends nothing before the first call.
 *
 * Cost on the wire: nothing; the first call probes the wire style (unless `wire` gives it) and logs in.
 *
 * @throws TypeError where `endpoint` is neither a host, nor the address of an http or https server, nor a path, or where
 * `wire` is not one of its values.
 * @throws TypeError, RangeError where a member of `retry` is not a number of at least 0.
 *
 * @example
 * ```ts
 * import { createClient, passwordAuth } from "@carrel/core";
 *
 * async function libraryNames(username: string, password: string): Promise<(string | undefined)[]> {
 *   await using client = createClient({ endpoint: "https://vc.example.test", auth: passwordAuth({ username, password }) });
 *   const ids = await client.library.list();
 *   return Promise.all(ids.map(async (id) => (await client.library.get(id)).name));
 * }
 * ```
 */
export function createClient(options: ClientOptions): CarrelClient {
  const { wire = "auto" } = options;
  refusePinning(options);
  checkOneOf("wire", wire, ["api", "rest", "auto"]);
  const { origin, base } = readEndpoint(options.endpoint);
  if (options.mapTransferUrl !== undefined && typeof options.mapTransferUrl !== "function") {
    throw new TypeError(`mapTransferUrl must be a function: got ${shown(options.mapTransferUrl)}`);
  }
  const clock = options.clock ?? systemClock;
  const observer = createObserver(options.logger);
  const secrets = createSecrets();
  const closing = new AbortController();
  const repeat = createRepeat({ retry: retryRules(options.retry), clock, observer });
  const send = createSendRequest({
    origin,
    base,
    clock,
    // Looked up at each call, so that a fetch that is installed later (by instrumentation, say) is used.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    interceptors: options.interceptors ?? [],
  });
  const codec = createCodecChooser({
    wire,
    base,
    // On a page the console shows each request that is refused, so none is sent only to find the style.
    presumed: pageOrigin() === undefined ? undefined : "api",
    clientTokenHeaders: options.clientTokenHeaders ?? defaultTokenHeaders,
    send,
    observer,
    repeat,
    closing: closing.signal,
  });
  const login: ApiSessionCalls = {
    async create(authorization, more = []) {
      secrets.addAuthorization(authorization);
      for (const secret of more) secrets.add(secret);
      const { result } = await caller(operations["session.create"], { args: [], input: undefined }, { authorization });
      return result as string;
    },
    async delete(token) {
      await caller(operations["session.delete"], { args: [], input: undefined }, { token, attemptTimeoutMs: 5_000 });
    },
  };
  const gate = createGate();
  const session = createSessionKeeper(options.auth, login, observer, secrets);
  const attempt = createCaller({
    send,
    codec,
    session,
    clock,
    observer,
    secrets,
    repeat,
    mapUrl: createMapUrl(origin, options.mapTransferUrl),
    gate,
    closing: closing.signal,
  });
  let callsUnderWay = 0;
  let isOver = false;
  const caller: Caller = async (...args) => {
    callsUnderWay += 1;
    try {
      return await attempt(...args);
    } finally {
      callsUnderWay -= 1;
      forgetSecrets();
    }
  };
  const leases = createLeaseRegistry();
  const schedule = createSchedule(clock);
  let closed: Promise<void> | undefined;

  const call: Call = async (operation, args, input, callOptions = {}) => {
    checkCall(operation, args, input);
    checkCallOptions(callOptions);
    if (closed) throw new TypeError(`${operation.id}: the client is closed`);
    const { result } = await caller(operation, { args, input }, callOptions);
    return result as never;
  };

  function end(): Promise<void> {
    closed ??= close();
    return closed;
  }

  async function close(): Promise<void> {
    closing.abort(new TypeError("the client is closed"));
    await leases.disposeAll();
    await session.close();
    unfollow?.();
    isOver = true;
    forgetSecrets();
  }

  /** Only after the last call has its answer, which may contain them. */
  function forgetSecrets(): void {
    if (isOver && callsUnderWay === 0) secrets.clear();
  }

  /** Both requests at once, because the page has no time to wait for an answer. */
  function abandon(): void {
    gate.close();
    const left = session.abandon();
    if (left === undefined) return;
    leases.abandonAll(left.token);
    left.logOut();
  }

  const unfollow = options.endOnPageHide === true ? followPage(abandon, () => gate.open()) : undefined;

  return {
    ...createFace(call),
    origin,
    async wireStyle(styleOptions) {
      return (await codec.find(styleOptions?.signal)).style;
    },
    sessionToken: (tokenOptions) => session.token(tokenOptions?.signal, tokenOptions?.rejected, true),
    lease: async (itemId, leaseOptions) => {
      if (closed) throw new TypeError("lease: the client is closed");
      return openLease(
        { origin, calls: createSessionCalls(caller), clock, observer, leases, schedule },
        itemId,
        leaseOptions ?? {},
      );
    },
    onDiagnostic: (listener) => observer.add(listener),
    close: end,
    [Symbol.asyncDispose]: end,
  };
}

/** An option that decides which server is trusted must not be ignored, as by a page, which cannot see certificates. */
function refusePinning(options: object): void {
  for (const name of ["thumbprint", "ca"]) {
    if ((options as Readonly<Record<string, unknown>>)[name] === undefined) continue;
    throw new TypeError(`createClient cannot use ${name}: its option fetch connects, and checks certificates`);
  }
}
