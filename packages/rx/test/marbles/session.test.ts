import { TransportError } from "@carrel/core";
import { map, merge, Observable, retry, take, tap } from "rxjs";
import { expect, test } from "vitest";
import { session$ } from "../../src/index.ts";
import { marbles } from "../support/marbles.ts";
import { scriptedClient } from "../support/scripted-client.ts";
import { active, atRisk, ended, loss, lost } from "../support/snapshots.ts";

const letter = { opening: "o", active: "a", "at-risk": "r", ended: "e", lost: "l" } as const;
const phases = (...args: Parameters<typeof session$>): Observable<string> =>
  session$(...args).pipe(map((snapshot) => letter[snapshot.phase]));

test("session$ emits the phases of the lease and completes when it has ended", () => {
  marbles(({ cold, expectObservable, flush }) => {
    const changes = cold("--r-a-e", { r: atRisk(), a: active(1), e: ended });
    const { client, log } = scriptedClient([{ afterMs: 3, changes }]);
    expectObservable(phases(client, "item-1")).toBe("o--a-r-a-(e|)");
    flush();
    expect(log).toEqual(["lease item-1 @0", "dispose 1 @9"]);
  });
});

test("session$ emits the loss, errors with it, and ends the lost session at once", () => {
  marbles(({ cold, expectObservable, flush }) => {
    const { client, log } = scriptedClient([{ afterMs: 3, changes: cold("--l", { l: lost }) }]);
    expectObservable(phases(client, "item-1")).toBe("o--a-(l#)", undefined, loss);
    flush();
    expect(log).toEqual(["lease item-1 @0", "dispose 1 @5"]);
  });
});

test("session$ emits an error while opening unchanged", () => {
  marbles(({ expectObservable }) => {
    const error = new TransportError("The server was not reached.");
    const { client } = scriptedClient([{ afterMs: 2, error }]);
    expectObservable(phases(client, "item-1")).toBe("o-#", undefined, error);
  });
});

test("session$ opens nothing before it has a subscriber", () => {
  marbles(({ flush }) => {
    const { client, log } = scriptedClient([]);
    session$(client, "item-1");
    flush();
    expect(log).toEqual([]);
  });
});

test("session$ gives later subscribers the latest snapshot at once", () => {
  marbles(({ cold, expectObservable, flush }) => {
    const changes = cold("----r", { r: atRisk() });
    const { client, log } = scriptedClient([{ afterMs: 3, changes }]);
    const options = { lingerMs: 10 };
    expectObservable(phases(client, "item-1", options), "^---------!").toBe("o--a---r---");
    expectObservable(phases(client, "item-1", options), "-^--------!").toBe("-o-a---r---");
    expectObservable(phases(client, "item-1", options), "-----^----!").toBe("-----a-r---");
    expectObservable(phases(client, "item-1", options), "--------^-!").toBe("--------r--");
    flush();
    expect(log).toEqual(["lease item-1 @0", "dispose 1 @20"]);
  });
});

test("session$ gives all subscribers the same snapshot objects, with the lease in them", () => {
  marbles(({ flush }) => {
    const { client } = scriptedClient([{ afterMs: 0 }]);
    const seen: unknown[] = [];
    const twice = merge(session$(client, "item-1"), session$(client, "item-1"));
    const subscription = twice.subscribe((snapshot) => {
      if (snapshot.phase !== "active") return;
      expect(snapshot).toEqual({ ...active(), lease: snapshot.lease });
      expect(Object.isFrozen(snapshot)).toBe(true);
      seen.push(snapshot);
    });
    flush();
    subscription.unsubscribe();
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
  });
});

test("session$ lingers, and keeps the session for a subscriber that returns in time", () => {
  marbles(({ expectObservable, flush }) => {
    const { client, log } = scriptedClient([{ afterMs: 1 }, { afterMs: 1 }]);
    const options = { lingerMs: 5 };
    expectObservable(phases(client, "item-1", options), "^--!").toBe("oa--");
    expectObservable(phases(client, "item-1", options), "-------^--!").toBe("-------a--");
    expectObservable(phases(client, "item-1", options), "----------------^--!").toBe("----------------oa--");
    flush();
    expect(log).toEqual(["lease item-1 @0", "dispose 1 @15", "lease item-1 @16", "dispose 2 @24"]);
  });
});

test("session$ lingers for two seconds by default, and for the longest time that a subscriber passes", () => {
  marbles(({ expectObservable, flush }) => {
    const { client, log } = scriptedClient([{ afterMs: 1 }, { afterMs: 1 }]);
    expectObservable(phases(client, "item-1"), "^--!").toBe("oa--");
    expectObservable(phases(client, "item-2", { lingerMs: 9 }), "^--!").toBe("oa--");
    expectObservable(phases(client, "item-2", { lingerMs: 5 }), "^--!").toBe("oa--");
    flush();
    expect(log).toEqual(["lease item-1 @0", "lease item-2 @0", "dispose 2 @12", "dispose 1 @2003"]);
  });
});

test("session$ ends the session at once without lingering", () => {
  marbles(({ expectObservable, flush }) => {
    const { client, log } = scriptedClient([{ afterMs: 1 }]);
    expectObservable(phases(client, "item-1", { lingerMs: 0 }), "^--!").toBe("oa--");
    flush();
    expect(log).toEqual(["lease item-1 @0", "dispose 1 @3"]);
  });
});

test("session$ ends a session that is opened after all subscribers have left", () => {
  marbles(({ expectObservable, flush }) => {
    const { client, log } = scriptedClient([{ afterMs: 9 }]);
    expectObservable(phases(client, "item-1", { lingerMs: 2 }), "^--!").toBe("o---");
    flush();
    expect(log).toEqual(["lease item-1 @0", "dispose 1 @9"]);
  });
});

test("session$ opens nothing for a subscriber that leaves at the first snapshot, without lingering", () => {
  marbles(({ expectObservable, flush }) => {
    const { client, log } = scriptedClient([{ afterMs: 1 }]);
    expectObservable(phases(client, "item-1", { lingerMs: 0 }).pipe(take(1))).toBe("(o|)");
    flush();
    expect(log).toEqual([]);
  });
});

test("session$ opens a new session for a subscriber that reacts to a loss, and others join it", () => {
  marbles(({ cold, expectObservable, flush }) => {
    const { client, log } = scriptedClient([{ afterMs: 1, changes: cold("--l", { l: lost }) }, { afterMs: 5 }]);
    const options = { lingerMs: 0 };
    expectObservable(phases(client, "item-1", options).pipe(retry(1)), "^---------!").toBe("oa-(lo)-a-");
    expectObservable(phases(client, "item-1", options), "------^---!").toBe("------o-a-");
    flush();
    expect(log).toEqual(["lease item-1 @0", "lease item-1 @3", "dispose 1 @3", "dispose 2 @10"]);
  });
});

test("session$ does not share a session among streams with different options", () => {
  marbles(({ flush }) => {
    const { client, options } = scriptedClient(Array.from({ length: 5 }, () => ({ afterMs: 1 })));
    const all = merge(
      session$(client, "item-1"),
      session$(client, "item-1", { renewAt: 1 / 3, onClose: "delete", attemptTimeoutMs: 5, lingerMs: 7 }),
      session$(client, "item-1", { renewAt: 0.5 }),
      session$(client, "item-1", { onClose: "keep" }),
      session$(client, "item-1", { adopt: "session-7" }),
      session$(client, "item-1", { contentVersion: "7" }),
    ).subscribe();
    flush();
    all.unsubscribe();
    expect(options).toEqual([
      {},
      { renewAt: 0.5 },
      { onClose: "keep" },
      { adopt: "session-7" },
      { contentVersion: "7" },
    ]);
  });
});

test("session$ does not share a session among clients", () => {
  marbles(({ flush }) => {
    const clients = [scriptedClient([{ afterMs: 1 }]), scriptedClient([{ afterMs: 1 }])];
    const all = merge(...clients.map(({ client }) => session$(client, "item-1", { lingerMs: 0 }))).subscribe();
    flush();
    all.unsubscribe();
    for (const { log } of clients) expect(log).toEqual(["lease item-1 @0", "dispose 1 @1"]);
  });
});

test("session$ emits nothing more to a subscriber that leaves in reaction to a snapshot", () => {
  marbles(({ expectObservable, flush }) => {
    const { client, log } = scriptedClient([{ afterMs: 1 }]);
    const seen: string[] = [];
    const two = phases(client, "item-1", { lingerMs: 0 }).pipe(
      tap((phase) => seen.push(phase)),
      take(2),
    );
    expectObservable(two).toBe("o(a|)");
    flush();
    expect(seen).toEqual(["o", "a"]);
    expect(log).toEqual(["lease item-1 @0", "dispose 1 @1"]);
  });
});
