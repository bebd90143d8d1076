import type { LeaseSnapshot } from "@carrel/core";
import { expect, test } from "vitest";
import { whileHeld } from "../../src/index.ts";
import { marbles } from "../support/marbles.ts";
import { active, atRisk, ended, loss, lost } from "../support/snapshots.ts";

const snapshots: Record<string, LeaseSnapshot> = {
  o: { phase: "opening" },
  a: active(),
  b: active(1),
  r: atRisk(),
  e: ended,
  l: lost,
};

test("whileHeld subscribes to the source only while the session is held, through risk and renewal", () => {
  marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const session = cold("  o--a--r--b--l--o--a-(e|)", snapshots);
    const source = hot("    -1-2-3-4-5-6-7-8-9-a-b-c");
    const expected = "      -----3-4-5-6-------a(|)";
    const subscribed = ["   ---^--------!----", "------------------^-!"];
    expectObservable(source.pipe(whileHeld(session))).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe(subscribed);
  });
});

test("whileHeld completes with the source, and then unsubscribes from the session", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const session = cold("o--a--------", snapshots);
    expectObservable(cold("1-2-|").pipe(whileHeld(session))).toBe("---1-2-|");
    expectSubscriptions(session.subscriptions).toBe("^------!");
  });
});

test("whileHeld errors with the source, and then unsubscribes from the session", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const session = cold("o--a--------", snapshots);
    expectObservable(cold("1-#").pipe(whileHeld(session))).toBe("---1-#");
    expectSubscriptions(session.subscriptions).toBe("^----!");
  });
});

test("whileHeld errors with the session", () => {
  marbles(({ cold, expectObservable }) => {
    const session = cold("o--a-#", snapshots, loss);
    expectObservable(cold("1-2-3").pipe(whileHeld(session))).toBe("---1-#", undefined, loss);
  });
});

test("whileHeld unsubscribes from both when unsubscribed", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const session = cold("a------", snapshots);
    const source = cold("1-2-3--");
    expectObservable(source.pipe(whileHeld(session)), "^--!").toBe("1-2-");
    expectSubscriptions(session.subscriptions).toBe("^--!");
    expectSubscriptions(source.subscriptions).toBe("^--!");
  });
  expect.assertions(3);
});
