import { IntegrityError, PrepareError, SessionLostError } from "@carrel/core";
import type { DownloadLease } from "@carrel/core";
import { filter, firstValueFrom, interval, lastValueFrom, scan, take, takeWhile, tap, toArray } from "rxjs";
import { expect, test } from "vitest";
import { preparedFile, reopenWhenLost, session$, whileHeld } from "../../src/index.ts";
import { fileName, startLibrary } from "../support/library.ts";

const quick = { baseDelayMs: 1 };
const lingering = { lingerMs: 0 };

test("reopenWhenLost opens a new session after a loss", async () => {
  await using library = await startLibrary();
  const { client } = library;
  const ids = new Set<string>();
  const phases = await lastValueFrom(
    session$(client, "item-1", lingering).pipe(
      reopenWhenLost(quick),
      tap((snapshot) => {
        if (snapshot.phase !== "active") return;
        ids.add(snapshot.session.id);
        if (ids.size === 1) library.expire(snapshot.lease);
      }),
      takeWhile(() => ids.size < 2, true),
      toArray(),
    ),
  );
  expect(phases.map(({ phase }) => phase)).toEqual(["opening", "active", "lost", "opening", "active"]);
  await library.untilIdle();
});

test("reopenWhenLost gives up with the last loss, and leaves no session behind", async () => {
  await using library = await startLibrary();
  const doomed = session$(library.client, "item-1", lingering).pipe(
    reopenWhenLost({ ...quick, limit: 2 }),
    tap((snapshot) => snapshot.phase === "active" && library.expire(snapshot.lease)),
  );
  await expect(lastValueFrom(doomed)).rejects.toBeInstanceOf(SessionLostError);
  expect(library.called("downloadSession.create")).toBe(3);
  await library.untilIdle();
});

test("reopenWhenLost refuses to continue with an item that has changed", async () => {
  await using library = await startLibrary();
  const { client, simulator } = library;
  const changing = session$(client, "item-1", lingering).pipe(
    reopenWhenLost(quick),
    tap((snapshot) => {
      if (snapshot.phase !== "active") return;
      simulator.inventory.item("item-1").putFile({ name: fileName, text: "Something else." });
      library.expire(snapshot.lease);
    }),
  );
  const error: unknown = await lastValueFrom(changing).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(IntegrityError);
  expect((error as IntegrityError).cause).toBeInstanceOf(SessionLostError);
  await library.untilIdle();
});

test("reopenWhenLost opens one new session for all streams of an item", async () => {
  await using library = await startLibrary();
  const { client } = library;
  const looks = [1, 2, 3].map(() => {
    const ids = new Set<string>();
    return lastValueFrom(
      session$(client, "item-1").pipe(
        reopenWhenLost(quick),
        scan((seen, snapshot) => (snapshot.phase === "active" ? seen.add(snapshot.session.id) : seen), ids),
        filter(({ size }) => size === 2),
        take(1),
      ),
    );
  });
  const held = await firstValueFrom(session$(client, "item-1").pipe(filter((snapshot) => snapshot.phase === "active")));
  library.expire(held.lease);
  const [first, ...others] = await Promise.all(looks);
  for (const other of others) expect(other).toEqual(first);
  expect(library.called("downloadSession.create")).toBe(2);
  await client[Symbol.asyncDispose]();
  await library.untilIdle();
});

test("preparedFile emits an endpoint that can be read, and another one after a new session was opened", async () => {
  await using library = await startLibrary({ prepare: { requestedMs: 30, preparingMs: 30 } });
  const bodies: Promise<number>[] = [];
  let lease: DownloadLease | undefined;
  const endpoints = await lastValueFrom(
    session$(library.client, "item-1", lingering).pipe(
      reopenWhenLost(quick),
      tap((snapshot) => snapshot.phase === "active" && (lease = snapshot.lease)),
      preparedFile(fileName),
      tap(({ uri }) => {
        bodies.push(fetch(uri).then(async (response) => (await response.arrayBuffer()).byteLength));
        if (bodies.length === 1) void bodies[0]?.then(() => library.expire(lease));
      }),
      take(2),
      toArray(),
    ),
  );
  expect(await Promise.all(bodies)).toEqual([1_000, 1_000]);
  expect(endpoints[0]?.uri).not.toBe(endpoints[1]?.uri);
  await library.untilIdle();
});

test("preparedFile survives a loss while it waits, which its own call is the first to report", async () => {
  await using library = await startLibrary({ prepare: { preparingMs: 300 } });
  const { client, simulator } = library;
  client.onDiagnostic((event) => {
    if (event.type === "response" && event.operation === "downloadSession.file.prepare" && losses++ === 0)
      simulator.expireDownloadSessions();
  });
  let losses = 0;
  const endpoint = await firstValueFrom(
    session$(client, "item-1", lingering).pipe(reopenWhenLost(quick), preparedFile(fileName)),
  );
  expect(endpoint.uri).toMatch(/^http/);
  expect(library.called("downloadSession.create")).toBe(2);
  await library.untilIdle();
});

test("preparedFile reports a file that does not exist, and unsubscribes from the session", async () => {
  await using library = await startLibrary();
  const missing = session$(library.client, "item-1", lingering).pipe(preparedFile("none.iso"));
  await expect(lastValueFrom(missing)).rejects.toBeInstanceOf(PrepareError);
  await library.untilIdle();
});

test("whileHeld works under the session and unsubscribes from it when the work is done", async () => {
  await using library = await startLibrary();
  const openWhile = interval(1).pipe(
    take(3),
    tap(() => expect(library.simulator.openSessions).toHaveLength(1)),
    whileHeld(session$(library.client, "item-1", lingering)),
    toArray(),
  );
  expect(await lastValueFrom(openWhile)).toEqual([0, 1, 2]);
  await library.untilIdle();
});
