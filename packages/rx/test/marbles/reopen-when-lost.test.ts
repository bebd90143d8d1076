import { IntegrityError, ServerError, SessionLostError, TransportError } from "@carrel/core";
import type { LeaseSnapshot } from "@carrel/core";
import { defer } from "rxjs";
import type { Observable } from "rxjs";
import { afterEach, expect, test, vi } from "vitest";
import { reopenWhenLost } from "../../src/index.ts";
import { marbles } from "../support/marbles.ts";
import { active, ended, loss, lost } from "../support/snapshots.ts";

const snapshots: Record<string, LeaseSnapshot> = {
  o: { phase: "opening" },
  a: active(),
  b: active(1),
  n: active(0, "2"),
  l: lost,
  e: ended,
};
const busy = new TransportError("The server was not reached.");

/** One after the other at each subscription, the last one again and again. */
function inTurn(...streams: readonly Observable<LeaseSnapshot>[]): Observable<LeaseSnapshot> {
  let turn = 0;
  return defer(() => streams[Math.min(turn++, streams.length - 1)] ?? []);
}

afterEach(() => vi.restoreAllMocks());
const jitter = (share: number): unknown => vi.spyOn(Math, "random").mockReturnValue(share);

test("reopenWhenLost opens a new session after a loss, within a delay that doubles", () => {
  jitter(0.5);
  marbles(({ cold, expectObservable }) => {
    const session = inTurn(
      cold("oa-(l#)", snapshots, loss),
      cold("oa-(l#)", snapshots, loss),
      cold("oa-b-(e|)", snapshots),
    );
    // Half of 4 ms after the first loss, half of 8 ms after the second.
    const expected = "oa-l-oa-l---oa-b-(e|)";
    expectObservable(session.pipe(reopenWhenLost({ baseDelayMs: 4 }))).toBe(expected, snapshots);
  });
});

test("reopenWhenLost gives up after the limit with the last loss", () => {
  jitter(0);
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const session = cold("o-l#", snapshots, loss);
    expectObservable(session.pipe(reopenWhenLost({ limit: 2 }))).toBe("o-lo-lo-l#", snapshots, loss);
    expectSubscriptions(session.subscriptions).toBe(["^--!", "---^--!", "------^--!"]);
  });
});

test("reopenWhenLost gives up at once with a limit of 0", () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("oa-l#", snapshots, loss).pipe(reopenWhenLost({ limit: 0 }))).toBe("oa-l#", snapshots, loss);
  });
});

test("reopenWhenLost starts its count again once the new session was renewed", () => {
  jitter(0);
  marbles(({ cold, expectObservable }) => {
    const short = cold("oa-l#", snapshots, loss);
    const long = cold(" oabl#", snapshots, loss);
    const session = inTurn(short, long, long, short);
    expectObservable(session.pipe(reopenWhenLost({ limit: 1 }))).toBe("oa-loabloabloa-l#", snapshots, loss);
  });
});

test("reopenWhenLost counts a temporary error as an attempt, and errors with the loss in the end", () => {
  jitter(0);
  marbles(({ cold, expectObservable }) => {
    const session = inTurn(cold("oa-l#", snapshots, loss), cold("o-#", snapshots, busy));
    expectObservable(session.pipe(reopenWhenLost({ limit: 2 }))).toBe("oa-lo-o-#", snapshots, loss);
  });
});

test("reopenWhenLost continues when the server is back", () => {
  jitter(0);
  marbles(({ cold, expectObservable }) => {
    const session = inTurn(cold("oa-l#", snapshots, loss), cold("o-#", snapshots, busy), cold("oa-(e|)", snapshots));
    expectObservable(session.pipe(reopenWhenLost())).toBe("oa-lo-oa-(e|)", snapshots);
  });
});

test("reopenWhenLost emits any other error unchanged, also while reopening", () => {
  jitter(0);
  marbles(({ cold, expectObservable }) => {
    const gone = new ServerError("downloadSession.create", { status: 404, errorType: "NOT_FOUND", messages: [] });
    const session = inTurn(cold("oa-l#", snapshots, loss), cold("o-#", snapshots, gone));
    expectObservable(session.pipe(reopenWhenLost())).toBe("oa-lo-#", snapshots, gone);
    const bug = new RangeError("A bug.");
    expectObservable(cold("oa-#", snapshots, bug).pipe(reopenWhenLost())).toBe("oa-#", snapshots, bug);
  });
});

test("reopenWhenLost does not reopen a lease that was closed deliberately", () => {
  jitter(0);
  marbles(({ cold, expectObservable }) => {
    const closed = new SessionLostError("The lease was closed", { problem: "closed" });
    const session = inTurn(cold("oa-#", snapshots, closed), cold("oa-b-(e|)", snapshots));
    expectObservable(session.pipe(reopenWhenLost())).toBe("oa-#", snapshots, closed);
  });
});

test("reopenWhenLost does not retry a lease that requires its content version", () => {
  jitter(0);
  marbles(({ cold, expectObservable }) => {
    const other = new IntegrityError("Item item-1 has content version 2 now, not 1.", { problem: "changed" });
    const session = inTurn(cold("oa-l#", snapshots, loss), cold("o-#", snapshots, other));
    expectObservable(session.pipe(reopenWhenLost())).toBe("oa-lo-#", snapshots, other);
  });
});

test("reopenWhenLost does not retry an error of the first opening", () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("o-#", snapshots, busy).pipe(reopenWhenLost())).toBe("o-#", snapshots, busy);
  });
});

test("reopenWhenLost refuses a new session with another content version, and unsubscribes from it", () => {
  jitter(0);
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const changed = cold("onb-", snapshots);
    const session = inTurn(cold("oa-l#", snapshots, loss), changed);
    const message = "The item has changed: the lost session had content version 1, the new one has 2";
    const error = new IntegrityError(message, { problem: "changed", cause: loss });
    expectObservable(session.pipe(reopenWhenLost())).toBe("oa-lo#", snapshots, error);
    expectSubscriptions(changed.subscriptions).toBe("----^!");
  });
});

test("reopenWhenLost has a count of its own for each subscriber", () => {
  jitter(0);
  marbles(({ cold, expectObservable }) => {
    const reopening = cold("o-l#", snapshots, loss).pipe(reopenWhenLost({ limit: 1 }));
    for (const _ of [1, 2]) expectObservable(reopening).toBe("o-lo-l#", snapshots, loss);
  });
});

test("reopenWhenLost stops waiting when unsubscribed", () => {
  jitter(1);
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const session = cold("oa-l#", snapshots, loss);
    expectObservable(session.pipe(reopenWhenLost({ baseDelayMs: 10 })), "^--------!").toBe("oa-l------", snapshots);
    expectSubscriptions(session.subscriptions).toBe("^---!");
  });
  expect.assertions(2);
});
