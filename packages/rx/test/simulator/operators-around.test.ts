import type { Observable } from "rxjs";
import {
  catchError,
  concatMap,
  delay,
  EMPTY,
  filter,
  from,
  interval,
  lastValueFrom,
  mergeMap,
  repeat,
  retry,
  share,
  shareReplay,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
  timeout,
  timer,
  toArray,
} from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reopenWhenLost, session$ } from "../../src/index.ts";
import type { SessionSnapshot } from "../../src/index.ts";
import { itemIds, startLibrary } from "../support/library.ts";
import type { Library } from "../support/library.ts";

let library: Library;
beforeEach(async () => void (library = await startLibrary({}, () => 2)));
afterEach(async () => {
  await library.untilIdle();
  await library[Symbol.asyncDispose]();
});

const lingers = [0, 10];
const open = (itemId = "item-1", lingerMs = 0): Observable<SessionSnapshot> =>
  session$(library.client, itemId, { lingerMs });
const active = (itemId = "item-1", lingerMs = 0): Observable<SessionSnapshot> =>
  open(itemId, lingerMs).pipe(
    filter(({ phase }) => phase === "active"),
    take(1),
  );

test.for(lingers)("session$ leaves no session behind with retry, lingerMs %i", async (lingerMs) => {
  const failing = active("item-1", lingerMs).pipe(
    concatMap(() => throwError(() => new Error("After the opening."))),
    retry(2),
  );
  await expect(lastValueFrom(failing)).rejects.toThrow("After the opening.");
});

test("session$ leaves no session behind with retry after losses", async () => {
  let losses = 0;
  const survivor = open().pipe(
    mergeMap(async (snapshot) => {
      if (snapshot.phase !== "active" || losses === 2) return snapshot;
      losses++;
      await library.client.downloadSession.delete(snapshot.session.id);
      throw new Error("Somebody deleted the session.");
    }),
    retry({ delay: 1 }),
    filter(({ phase }) => phase === "active"),
    take(1),
  );
  await lastValueFrom(survivor);
  expect(losses).toBe(2);
  expect(library.called("downloadSession.create")).toBe(3);
});

test.for(lingers)("session$ leaves no session behind with repeat, lingerMs %i", async (lingerMs) => {
  expect(await lastValueFrom(active("item-1", lingerMs).pipe(repeat(3), toArray()))).toHaveLength(3);
  expect(library.called("downloadSession.create")).toBe(lingerMs === 0 ? 3 : 1);
});

test.for(lingers)("session$ leaves no session behind with switchMap, lingerMs %i", async (lingerMs) => {
  const hopping = interval(3).pipe(
    take(12),
    switchMap((turn) => open(itemIds[turn % 2], lingerMs)),
    takeUntil(timer(60)),
  );
  await lastValueFrom(hopping);
});

test.for([0, 1, 3, 8, 20])("session$ leaves no session behind with takeUntil after %i ms", async (ms) => {
  await lastValueFrom(open().pipe(takeUntil(timer(ms)), toArray()));
});

test("session$ leaves no session behind with share, and with shareReplay and refCount", async () => {
  for (const shared of [open().pipe(share()), open().pipe(shareReplay({ bufferSize: 1, refCount: true }))]) {
    const both = from([1, 2]).pipe(
      mergeMap(() =>
        shared.pipe(
          filter(({ phase }) => phase === "active"),
          take(1),
        ),
      ),
      toArray(),
    );
    // oxlint-disable-next-line no-await-in-loop
    expect(await lastValueFrom(both)).toHaveLength(2);
  }
});

test("session$ ends with the client where shareReplay without refCount never unsubscribes", async () => {
  const forever = open().pipe(shareReplay(1));
  const found = await lastValueFrom(
    forever.pipe(
      filter(({ phase }) => phase === "active"),
      take(1),
    ),
  );
  expect(found.phase).toBe("active");
  expect(library.simulator.openSessions).toHaveLength(1);
  await library.client[Symbol.asyncDispose]();
});

test("session$ leaves no session behind with timeout, delay and an error in a consumer's operator", async () => {
  await expect(lastValueFrom(open().pipe(delay(50), timeout(10)))).rejects.toThrow("Timeout");
  const broken = open().pipe(
    tap(({ phase }) => {
      if (phase === "active") throw new Error("A bug.");
    }),
    catchError(() => EMPTY),
    toArray(),
  );
  expect((await lastValueFrom(broken)).map(({ phase }) => phase)).toEqual(["opening"]);
});

test("reopenWhenLost leaves no session behind when unsubscribed while it waits and while it opens", async () => {
  const reopening = open().pipe(reopenWhenLost({ baseDelayMs: 1 }));
  const subscription = reopening.subscribe();
  await vi.waitFor(() => expect(library.simulator.openSessions).toHaveLength(1));
  subscription.unsubscribe();
  await lastValueFrom(reopening.pipe(take(1)));
});
