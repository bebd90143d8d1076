import { filter, firstValueFrom, lastValueFrom, take, tap, toArray } from "rxjs";
import { expect, test } from "vitest";
import { session$, sessions$ } from "../../src/index.ts";
import { startLibrary } from "../support/library.ts";

test("sessions$ emits all sessions with their state, as they come and go", async () => {
  await using library = await startLibrary();
  const { client } = library;
  const one = await client.downloadSession.create({ library_item_id: "item-1" });
  const two = await client.downloadSession.create({ library_item_id: "item-2" });
  await client.downloadSession.keepAlive(two, { progress: 40 });
  const looks = await lastValueFrom(
    sessions$(client, { intervalMs: 5 }).pipe(
      tap((found) => void (found.length === 2 && client.downloadSession.delete(one))),
      filter((found, index) => index === 0 || found.length === 1),
      take(2),
      toArray(),
    ),
  );
  expect(looks).toMatchObject([
    [
      { id: one, library_item_id: "item-1", state: "ACTIVE", client_progress: 0 },
      { id: two, library_item_id: "item-2", state: "ACTIVE", client_progress: 40 },
    ],
    [{ id: two }],
  ]);
  const ofItem = await firstValueFrom(sessions$(client, { library_item_id: "item-1" }));
  expect(ofItem).toEqual([]);
  await client.downloadSession.delete(two);
});

test("sessions$ emits the session that session$ holds", async () => {
  await using library = await startLibrary();
  const { client } = library;
  const held = await firstValueFrom(session$(client, "item-1").pipe(filter(({ phase }) => phase === "active")));
  const [found] = await firstValueFrom(sessions$(client));
  expect(held).toMatchObject({ session: { id: found?.id } });
  await client[Symbol.asyncDispose]();
  await library.untilIdle();
});
