import { PrepareError, ServerError, SessionLostError } from "@carrel/core";
import type { CarrelClient, DownloadEvent, DownloadLease, DownloadState, TransferEndpoint } from "@carrel/core";
import { expect, expectTypeOf, test, vi } from "vitest";
import { downloadStore, leaseOf, preparedFileStore, sessionsStore, sessionStore } from "../../src/index.ts";
import type {
  ListedSession,
  ReopenOptions,
  SessionSnapshot,
  SessionStoreOptions,
  SessionStreamOptions,
  StartDownload,
  Store,
  StoreState,
} from "../../src/index.ts";
import { fileName, startLibrary } from "../support/library.ts";

/** Resolves with the first state of a store that fits; the store needs a listener of its own. */
async function when<T>(store: Store<T>, fits: (state: StoreState<T>) => boolean): Promise<StoreState<T>> {
  await vi.waitFor(() => expect(fits(store.get())).toBe(true), { timeout: 10_000, interval: 2 });
  return store.get();
}

const ignore = (): void => {};

test("sessionStore opens nothing before its first listener, and shares the session with other stores", async () => {
  await using library = await startLibrary();
  const stores = [sessionStore(library.client, "item-1"), sessionStore(library.client, "item-1")] as const;
  expect(stores.map((store) => store.get().status)).toEqual(["pending", "pending"]);
  expect(library.simulator.journal).toEqual([]);
  const leaves = stores.map((store) => store.subscribe(ignore));
  const [first, second] = await Promise.all(stores.map((store) => when(store, (state) => !!leaseOf(state))));
  expect(leaseOf(first as StoreState<SessionSnapshot>)).toBe(leaseOf(second as StoreState<SessionSnapshot>));
  for (const leave of leaves) leave();
  expect(stores.map((store) => store.get().status)).toEqual(["pending", "pending"]);
  const again = stores[0].subscribe(ignore); // within the linger of the session
  expect(stores[0].get().value).toBe(first?.value);
  again();
  expect(library.called("downloadSession.create")).toBe(1);
  await library.client[Symbol.asyncDispose]();
  await library.untilIdle();
});

test("sessionStore opens a new session after a loss, and preparedFileStore of its lease another endpoint", async () => {
  await using library = await startLibrary();
  const session = sessionStore(library.client, "item-1", { lingerMs: 0, reopen: { baseDelayMs: 1 } });
  const leaves = [session.subscribe(ignore)];
  const uris: (string | undefined)[] = [];
  const leases = new Set<DownloadLease | undefined>();
  for (let count = 1; count <= 2; count++) {
    const lease = leaseOf(await when(session, (state) => !!leaseOf(state) && !leases.has(leaseOf(state))));
    leases.add(lease);
    const file = preparedFileStore(lease, fileName);
    expect(file.get().status).toBe("pending");
    leaves.push(file.subscribe(ignore));
    uris.push((await when(file, ({ status }) => status === "value")).value?.uri);
    if (count === 1) library.expire(lease);
  }
  expect(new Set(uris).size).toBe(2);
  for (const leave of leaves) leave();
  await library.untilIdle();
});

test("sessionStore without reopening keeps the loss as an error", async () => {
  await using library = await startLibrary();
  const session = sessionStore(library.client, "item-1", { lingerMs: 0, reopen: false });
  const leave = session.subscribe(ignore);
  library.expire(leaseOf(await when(session, (state) => !!leaseOf(state))));
  const { error, value } = await when(session, ({ status }) => status === "error");
  expect(error).toBeInstanceOf(SessionLostError);
  expect(value?.phase).toBe("lost");
  expect(leaseOf(session.get())).toBeUndefined();
  leave();
  await library.untilIdle();
});

test("stores of what is not chosen yet remain pending and call nothing", async () => {
  await using library = await startLibrary();
  const stores = [
    sessionStore(library.client, undefined),
    preparedFileStore(undefined, fileName),
    downloadStore(undefined),
  ];
  for (const store of stores) {
    const leave = store.subscribe(ignore);
    expect(store.get()).toEqual({ status: "pending" });
    leave();
  }
  expect(library.simulator.journal).toEqual([]);
});

test("the stores keep the errors of the server as states", async () => {
  await using library = await startLibrary({ missingPrivileges: [] });
  const missing = sessionStore(library.client, "no-item", { lingerMs: 0 });
  const session = sessionStore(library.client, "item-1", { lingerMs: 0 });
  const leaves = [missing.subscribe(ignore), session.subscribe(ignore)];
  expect((await when(missing, ({ status }) => status === "error")).error).toBeInstanceOf(ServerError);
  const file = preparedFileStore(leaseOf(await when(session, (state) => !!leaseOf(state))), "none.iso");
  leaves.push(file.subscribe(ignore));
  expect((await when(file, ({ status }) => status === "error")).error).toBeInstanceOf(PrepareError);
  for (const leave of leaves) leave();
  await library.untilIdle();
});

test("sessionsStore lists the sessions of the user", async () => {
  await using library = await startLibrary();
  const lease = await library.client.lease("item-1");
  const sessions = sessionsStore(library.client, { intervalMs: 5 });
  const leave = sessions.subscribe(ignore);
  expect(await when(sessions, ({ value }) => value?.length === 1)).toMatchObject({ value: [{ id: lease.id }] });
  await lease.close();
  await when(sessions, ({ value }) => value?.length === 0);
  leave();
  await library.client[Symbol.asyncDispose]();
  await library.untilIdle();
});

test("downloadStore starts a download at its first listener, folds its events, and aborts it", async () => {
  const signals: AbortSignal[] = [];
  async function* start(signal: AbortSignal): AsyncGenerator<DownloadEvent> {
    signals.push(signal);
    yield { type: "transferring", file: "a", receivedBytes: 1, totalBytes: 4, bytesPerSecond: 1 };
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  }
  vi.useFakeTimers();
  try {
    const store = downloadStore(start);
    expect(signals).toEqual([]);
    const leave = store.subscribe(ignore);
    expect(store.get()).toMatchObject({ status: "value", value: { phase: "starting" } });
    await vi.advanceTimersByTimeAsync(250); // one sample
    expect(store.get().value?.percent).toBe(25);
    leave();
    await vi.advanceTimersByTimeAsync(1_999);
    store.subscribe(ignore)(); // returns in time
    expect(signals.map((signal) => signal.aborted)).toEqual([false]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
    expect(store.get()).toEqual({ status: "pending" });
  } finally {
    vi.useRealTimers();
  }
});

test("the stores have the types of what they hold", () => {
  expectTypeOf(sessionStore).parameters.toEqualTypeOf<
    [CarrelClient, string | undefined, (SessionStoreOptions | undefined)?]
  >();
  expectTypeOf(sessionStore).returns.toEqualTypeOf<Store<SessionSnapshot>>();
  expectTypeOf<SessionStoreOptions>().toExtend<SessionStreamOptions>();
  expectTypeOf<SessionStoreOptions["reopen"]>().toEqualTypeOf<ReopenOptions | false | undefined>();
  expectTypeOf(sessionsStore).returns.toEqualTypeOf<Store<readonly ListedSession[]>>();
  expectTypeOf(preparedFileStore).returns.toEqualTypeOf<Store<TransferEndpoint>>();
  expectTypeOf(leaseOf).returns.toEqualTypeOf<DownloadLease | undefined>();
  expectTypeOf(downloadStore).parameter(0).toEqualTypeOf<StartDownload | undefined>();
  expectTypeOf(downloadStore).returns.toEqualTypeOf<Store<DownloadState>>();
});
