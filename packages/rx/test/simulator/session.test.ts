import { ServerError, SessionLostError } from "@carrel/core";
import { filter, firstValueFrom, lastValueFrom, tap, toArray } from "rxjs";
import { expect, test, vi } from "vitest";
import { session$ } from "../../src/index.ts";
import type { SessionSnapshot } from "../../src/index.ts";
import { startLibrary } from "../support/library.ts";

const isActive = (snapshot: SessionSnapshot): boolean => snapshot.phase === "active";

test("session$ sends nothing before it has a subscriber", async () => {
  await using library = await startLibrary();
  session$(library.client, "item-1");
  await new Promise(setImmediate);
  expect(library.simulator.journal).toEqual([]);
});

test("session$ shares one session among many subscribers, and ends it with the last one", async () => {
  await using library = await startLibrary();
  const { client, simulator } = library;
  const seen = [1, 2, 3].map(() => new Set<SessionSnapshot>());
  const subscriptions = seen.map((snapshots) =>
    session$(client, "item-1", { lingerMs: 0 }).subscribe((snapshot) => snapshots.add(snapshot)),
  );
  await vi.waitFor(() => expect(simulator.openSessions).toHaveLength(1));
  await vi.waitFor(() => expect([...(seen[0] ?? [])].map(({ phase }) => phase)).toEqual(["opening", "active"]));
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  subscriptions[0]?.unsubscribe();
  subscriptions[1]?.unsubscribe();
  const latest = await firstValueFrom(session$(client, "item-1", { lingerMs: 0 }));
  expect([...(seen[2] ?? [])].at(-1)).toBe(latest);
  expect(library.called("downloadSession.delete")).toBe(0);
  subscriptions[2]?.unsubscribe();
  await library.untilIdle();
  expect(library.called("downloadSession.create")).toBe(1);
});

test("session$ keeps the session over an unsubscribe and resubscribe, as of a component that mounts twice", async () => {
  await using library = await startLibrary();
  const mount = (): Promise<SessionSnapshot> =>
    firstValueFrom(session$(library.client, "item-1", { lingerMs: 200 }).pipe(filter(isActive)));
  session$(library.client, "item-1", { lingerMs: 200 }).subscribe().unsubscribe();
  const first = await mount();
  const second = await mount();
  expect(second).toBe(first);
  expect(library.called("downloadSession.create")).toBe(1);
  await library.untilIdle();
});

test.for([0, 5])(
  "session$ leaves no session behind after a synchronous unsubscribe while creating, lingerMs %i",
  async (lingerMs) => {
    await using library = await startLibrary({}, () => 20);
    session$(library.client, "item-1", { lingerMs }).subscribe().unsubscribe();
    await vi.waitFor(() => expect(library.called("downloadSession.delete")).toBe(1));
    await library.untilIdle();
  },
);

test("session$ emits the loss, with its cause, of a session that expires, and leaves no session behind", async () => {
  await using library = await startLibrary({ lease: { cleanUpDelayMs: 60_000 } });
  const { client } = library;
  const phases: string[] = [];
  const ending = lastValueFrom(
    session$(client, "item-1").pipe(
      tap(({ phase }) => phases.push(phase)),
      tap((snapshot) => snapshot.phase === "active" && library.expire(snapshot.lease)),
    ),
  );
  const error: unknown = await ending.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(SessionLostError);
  expect((error as SessionLostError).cause).toBeInstanceOf(ServerError);
  expect(phases).toEqual(["opening", "active", "lost"]);
  await library.untilIdle();
});

test("session$ ends the session and completes when the client is closed", async () => {
  await using library = await startLibrary();
  const all = lastValueFrom(session$(library.client, "item-1").pipe(toArray()));
  await vi.waitFor(() => expect(library.simulator.openSessions).toHaveLength(1));
  await library.client[Symbol.asyncDispose]();
  expect((await all).at(-1)).toEqual({ phase: "ended", how: "deleted" });
  expect(library.simulator.openSessions).toEqual([]);
  await expect(lastValueFrom(session$(library.client, "item-1"))).rejects.toThrow("the client is closed");
});

test("session$ emits an error while opening unchanged, and the next subscriber tries again", async () => {
  await using library = await startLibrary();
  const stream = session$(library.client, "item-404");
  for (const _ of [1, 2]) {
    // oxlint-disable-next-line no-await-in-loop
    await expect(lastValueFrom(stream)).rejects.toMatchObject({ code: "NOT_FOUND", errorType: "NOT_FOUND" });
  }
  expect(library.called("downloadSession.create")).toBe(2);
});

test("session$ keeps an adopted session alive and leaves it to its owner", async () => {
  await using library = await startLibrary();
  const { client } = library;
  const id = await client.downloadSession.create({ library_item_id: "item-1" });
  const adopted = session$(client, "item-1", { adopt: id, onClose: "keep", lingerMs: 0 });
  const snapshot = await firstValueFrom(adopted.pipe(filter(isActive)));
  expect(snapshot).toMatchObject({ session: { id } });
  await vi.waitFor(() => expect(library.simulator.openSessions).toEqual([id]));
  expect(library.called("downloadSession.delete")).toBe(0);
  await client.downloadSession.delete(id);
});
