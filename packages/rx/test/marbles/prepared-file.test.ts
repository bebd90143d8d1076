import { PrepareError, SessionLostError } from "@carrel/core";
import type { TransferEndpoint } from "@carrel/core";
import { concat, NEVER, throwError } from "rxjs";
import type { Observable } from "rxjs";
import { expect, test } from "vitest";
import { preparedFile } from "../../src/index.ts";
import type { SessionSnapshot } from "../../src/index.ts";
import { marbles } from "../support/marbles.ts";
import { scriptedLease } from "../support/scripted-client.ts";
import type { Script } from "../support/scripted-client.ts";
import { active, atRisk, ended, loss, lost } from "../support/snapshots.ts";

const endpoints: Record<string, TransferEndpoint> = {
  x: { uri: "https://vc.example.test/one" },
  y: { uri: "https://vc.example.test/two" },
};

function snapshotsOf(...prepares: readonly NonNullable<Script["prepare"]>[]): Record<string, SessionSnapshot> {
  const [one, two] = prepares.map((prepare) => scriptedLease("item-1", { afterMs: 0, prepare }, () => {}));
  if (!one) throw new Error("There must be a lease.");
  return {
    o: { phase: "opening" },
    e: ended,
    l: lost,
    a: { ...active(), lease: one },
    b: { ...active(1), lease: one },
    r: { ...atRisk(), lease: one },
    n: { ...active(), lease: two ?? one },
  };
}

test("preparedFile asks once for each session, and emits again for a new session", () => {
  marbles(({ cold, expectObservable }) => {
    const asked: string[] = [];
    const snapshots = snapshotsOf(
      (name) => (asked.push(name), cold("--(x|)", endpoints)),
      (name) => (asked.push(name), cold("----(y|)", endpoints)),
    );
    const session = cold(" oa---b-r-b-l-on------(e|)", snapshots);
    const expected = "     ---x--------------y--(|)";
    expectObservable(session.pipe(preparedFile("disk-0.vmdk"))).toBe(expected, endpoints);
    cold("-----------------------------|").subscribe({
      complete: () => expect(asked).toEqual(["disk-0.vmdk", "disk-0.vmdk"]),
    });
  });
  expect.assertions(2);
});

test("preparedFile leaves a loss to the session, where it can be recovered from", () => {
  marbles(({ cold, expectObservable }) => {
    const snapshots = snapshotsOf(
      () => throwError(() => new SessionLostError("The session is over.")),
      () => cold("-(y|)", endpoints),
    );
    expectObservable(cold("oa---l-on----", snapshots).pipe(preparedFile("disk-0.vmdk"))).toBe(
      "---------y---",
      endpoints,
    );
  });
});

test("preparedFile reports a missing file, and not a loss, where the session is renewed", () => {
  marbles(({ cold, expectObservable }) => {
    const claim = new SessionLostError("Download session is over: prepare was refused (NOT_FOUND).");
    const prepare = (): Observable<never> => throwError(() => claim);
    const changes = cold("--r-b", { r: atRisk(), b: active(1) });
    const lease = scriptedLease("item-1", { afterMs: 0, prepare, changes }, () => {});
    const session = cold<SessionSnapshot>("oa-------", { o: { phase: "opening" }, a: { ...active(), lease } });
    const message =
      "disk-0.vmdk was not prepared: the server does not find it, although its session is alive: " +
      "Download session is over: prepare was refused (NOT_FOUND).";
    const error = new PrepareError(message, { fileName: "disk-0.vmdk", cause: claim });
    expectObservable(session.pipe(preparedFile("disk-0.vmdk"))).toBe("----#", undefined, error);
  });
});

test("preparedFile completes for a session that was lost before the stream could emit it", () => {
  marbles(({ cold, expectObservable }) => {
    const prepare = (): Observable<never> => throwError(() => loss);
    const lease = scriptedLease("item-1", { afterMs: 0, prepare, changes: cold("-l", { l: lost }) }, () => {});
    const session = cold<SessionSnapshot>("--a--|", { a: { ...active(), lease } });
    expectObservable(session.pipe(preparedFile("disk-0.vmdk"))).toBe("-----|");
  });
});

test("preparedFile errors with the session, whatever the waiting ends with", () => {
  marbles(({ cold, expectObservable }) => {
    const snapshots = snapshotsOf(() => cold("---#"));
    const session = concat(
      cold("oa-(l|)", snapshots),
      throwError(() => loss),
    );
    expectObservable(session.pipe(preparedFile("disk-0.vmdk"))).toBe("---#", undefined, loss);
  });
});

test("preparedFile emits an error of the preparation unchanged, and unsubscribes from the session", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const error = new PrepareError("disk-0.vmdk: the server could not prepare it.", { fileName: "disk-0.vmdk" });
    const session = cold(
      "oa-------",
      snapshotsOf(() => cold("--#", undefined, error)),
    );
    expectObservable(session.pipe(preparedFile("disk-0.vmdk"))).toBe("---#", undefined, error);
    expectSubscriptions(session.subscriptions).toBe("^--!");
  });
});

test("preparedFile stops waiting when unsubscribed, and at the end of the session", () => {
  marbles(({ cold, expectObservable, flush }) => {
    const signals: AbortSignal[] = [];
    const snapshots = snapshotsOf((_, signal) => (signals.push(signal), NEVER));
    expectObservable(cold("a----", snapshots).pipe(preparedFile("disk-0.vmdk")), "^--!").toBe("----");
    expectObservable(cold("a-(e|)", snapshots).pipe(preparedFile("disk-0.vmdk"))).toBe("--(|)");
    flush();
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });
});
