import { ServerError, TransportError } from "@carrel/core";
import type { CarrelClient, DownloadSessionModel, DownloadSessionService } from "@carrel/core";
import { map, NEVER, Observable, of, throwError, timer } from "rxjs";
import { expect, test, vi } from "vitest";
import { sessions$, sessionsStore } from "../../src/index.ts";
import { inVirtualTime } from "../support/in-virtual-time.ts";
import { marbles } from "../support/marbles.ts";

const gone = new ServerError("downloadSession.get", { status: 404, errorType: "NOT_FOUND", messages: [] });
const refused = new ServerError("downloadSession.list", { status: 401, errorType: "UNAUTHENTICATED", messages: [] });
const broken = new TransportError("The connection broke.");

interface Answers {
  readonly list: (query: unknown, signal: AbortSignal) => Observable<readonly string[]>;
  readonly get?: (id: string, signal: AbortSignal) => Observable<DownloadSessionModel>;
}

/** A client that answers about sessions in virtual time. */
function answering({ list, get = () => of({}) }: Answers): CarrelClient {
  const never = new AbortController().signal;
  const downloadSession: Partial<DownloadSessionService> = {
    list: (query, { signal = never } = {}) => inVirtualTime(list(query, signal), (ids) => ids),
    get: (id, { signal = never } = {}) => inVirtualTime(get(id, signal), (model) => model),
  };
  return { downloadSession } as CarrelClient;
}

const after = <T>(ms: number, value: T): Observable<T> => timer(ms).pipe(map(() => value));
const ids = (options: Parameters<typeof sessions$>[1], client: CarrelClient): Observable<string> =>
  sessions$(client, options).pipe(map((sessions) => sessions.map(({ id }) => id).join("")));

test("sessions$ queries repeatedly, with a pause after each query, in the server's order", () => {
  marbles(({ expectObservable }) => {
    let turn = 0;
    const client = answering({
      list: () => after(1, ["a", "b", "c"].slice(turn++)),
      get: (id) => after(id === "a" ? 2 : 1, { state: "ACTIVE" }),
    });
    // Looks: 1 + 2 ms, then 5 ms of pause, then 1 + 1 ms, and so on.
    expectObservable(ids({ intervalMs: 5 }, client), "^-----------------------!").toBe("---x------y------z-----w-", {
      x: "abc",
      y: "bc",
      z: "c",
      w: "",
    });
  });
});

test("sessions$ requests only the sessions of the given item", () => {
  marbles(({ expectObservable, flush }) => {
    const queries: unknown[] = [];
    const client = answering({ list: (query) => (queries.push(query), of([])) });
    expectObservable(ids({ library_item_id: "item-1" }, client), "^ 4s !").toBe("x", { x: "" });
    expectObservable(ids({}, client), "^ 6s !").toBe("x 4999ms x", { x: "" });
    flush();
    expect(queries).toEqual([{ library_item_id: "item-1" }, {}, {}]);
  });
});

test("sessions$ omits a session that disappears between the list and the request for it", () => {
  marbles(({ expectObservable }) => {
    const client = answering({
      list: () => of(["a", "b", "c"]),
      get: (id) => (id === "b" ? throwError(() => gone) : of({ state: "ACTIVE" })),
    });
    expectObservable(ids({}, client), "^!").toBe("x", { x: "ac" });
  });
});

test("sessions$ emits any other error unchanged", () => {
  marbles(({ expectObservable }) => {
    const client = answering({ list: () => of(["a"]), get: () => throwError(() => broken) });
    expectObservable(ids({}, client)).toBe("#", undefined, broken);
    expectObservable(ids({}, answering({ list: () => throwError(() => gone) }))).toBe("#", undefined, gone);
  });
});

test("sessions$ requests four sessions at a time", () => {
  marbles(({ expectObservable, flush }) => {
    let underway = 0;
    let most = 0;
    const client = answering({
      list: () => of(Array.from("abcdefghij")),
      get() {
        most = Math.max(most, ++underway);
        return timer(1).pipe(map(() => (underway--, {})));
      },
    });
    expectObservable(ids({}, client), "^----!").toBe("---x", { x: "abcdefghij" });
    flush();
    expect(most).toBe(4);
  });
});

test("sessions$ aborts the requests under way when unsubscribed", () => {
  marbles(({ expectObservable, flush }) => {
    const signals: AbortSignal[] = [];
    const never = (_: unknown, signal: AbortSignal): typeof NEVER => (signals.push(signal), NEVER);
    expectObservable(ids({}, answering({ list: never })), "^!").toBe("-");
    expectObservable(ids({}, answering({ list: () => of(["a", "b"]), get: never })), "^!").toBe("-");
    flush();
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true, true]);
  });
});

test("sessionsStore keeps the list beside a temporary error, and lists again after pauses that grow", () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  marbles(({ expectObservable }) => {
    // A list, three queries in vain, two lists, one query in vain, and an error that stays.
    const turns = [of(["a"]), ...[1, 2, 3].map(() => throwError(() => broken)), of(["b"]), of(["c"])];
    turns.push(
      throwError(() => broken),
      throwError(() => refused),
    );
    let turn = 0;
    const client = answering({ list: () => turns[turn++] ?? NEVER });
    const store = sessionsStore(client, { intervalMs: 5 });
    const states = new Observable<string>((subscriber) =>
      store.subscribe(() => {
        const { status, value, error } = store.get();
        const list = value?.map(({ id }) => id).join("") ?? "";
        subscriber.next(`${status} ${list}${error instanceof ServerError ? ` ${error.code}` : ""}`);
      }),
    );
    //                                           5    10        20                  5    5    5
    expectObservable(states, "^ 99ms !").toBe("a----e----e---------e-------------------b----c----f----g", {
      a: "value a",
      e: "error a",
      b: "value b",
      c: "value c",
      f: "error c",
      g: "error c AUTH",
    });
  });
  vi.restoreAllMocks();
});
