import { ServerError, TransferError, TransportError } from "../../src/index.ts";
import { describe, expect, test } from "vitest";
import { isOutage, Patience, SharedPatience } from "../../src/transfer/patience.ts";
import type { PatienceSettings } from "../../src/transfer/patience.ts";

/** A clock that stands still until it is moved, and a patience by it. */
function patient(settings: Partial<Omit<PatienceSettings, "clock">> = {}): {
  readonly patience: Patience;
  readonly move: (ms: number) => void;
} {
  let nowMs = 1_000;
  const clock = { now: () => nowMs, wall: () => nowMs, schedule: () => () => undefined };
  const patience = new Patience({
    resumeLimit: undefined,
    retryForMs: undefined,
    resumeDelayMs: 250,
    ...settings,
    clock,
  });
  return { patience, move: (ms) => (nowMs += ms) };
}

const outage = { isOutage: true };
const answer = { isOutage: false };

describe("Patience", () => {
  test("without a time ends after five failures in a row, whatever they are, and counts from one again after progress", () => {
    const { patience } = patient();
    for (const failure of [outage, answer, outage, outage, answer]) expect(patience.next(failure)).toBeDefined();
    expect(patience.next(outage)).toBeUndefined();
    patience.reset();
    expect(patience.next(outage)).toMatchObject({ failures: 1 });
  });

  test("with a time overcomes any number of outages until it is over, and says how much is left", () => {
    const { patience, move } = patient({ retryForMs: 60_000 });
    for (let count = 1; count <= 59; count++) {
      expect(patience.next(outage)).toMatchObject({ failures: count, leftMs: 60_000 - (count - 1) * 1_000 });
      move(1_000);
    }
    expect(patience.next(outage)?.leftMs).toBe(1_000);
    move(1_000);
    expect(patience.next(outage)).toBeUndefined();
  });

  test("makes the last attempt when the time is over, and not later", () => {
    const { patience, move } = patient({ retryForMs: 5_000 });
    patience.next(outage);
    move(4_000);
    expect(patience.next({ ...outage, delayMs: 15_000 })).toMatchObject({ delayMs: 1_000, leftMs: 1_000 });
  });

  test("starts the time over when bytes arrive", () => {
    const { patience, move } = patient({ retryForMs: 5_000 });
    patience.next(outage);
    move(4_999);
    patience.reset();
    move(60_000);
    expect(patience.next(outage)).toMatchObject({ failures: 1, leftMs: 5_000 });
  });

  test("with a time still ends after five answers that are no outages, and does not count the outages between them", () => {
    const { patience } = patient({ retryForMs: 600_000 });
    for (let count = 0; count < 5; count++) {
      expect(patience.next(outage)).toBeDefined();
      expect(patience.next(answer)).not.toHaveProperty("leftMs");
    }
    expect(patience.next(answer)).toBeUndefined();
  });

  test("with a time and a number ends at whichever is reached first", () => {
    const { patience } = patient({ retryForMs: 600_000, resumeLimit: 2 });
    patience.next(outage);
    patience.next(outage);
    expect(patience.next(outage)).toBeUndefined();
  });

  test("waits longer from one outage to the next, at most 20 s, and as long as the server asks for within that", () => {
    const { patience } = patient({ retryForMs: Infinity });
    for (let count = 1; count <= 40; count++) {
      const delayMs = patience.next(outage)?.delayMs ?? Number.NaN;
      expect(delayMs).toBeLessThanOrEqual(Math.min(250 * 2 ** (count - 1), 20_000));
    }
    expect(patience.next({ ...outage, delayMs: 7_000 })?.delayMs).toBe(7_000);
    expect(patience.next({ ...outage, delayMs: 3_600_000 })?.delayMs).toBe(20_000);
  });

  test("does not wait long after an answer for the sake of the outage before it", () => {
    const { patience } = patient({ retryForMs: Infinity });
    for (let count = 0; count < 30; count++) patience.next(outage);
    expect(patience.next(answer)?.delayMs).toBeLessThanOrEqual(250);
  });

  test("with no time left at all ends at the first outage", () => {
    expect(patient({ retryForMs: 0 }).patience.next(outage)).toBeUndefined();
  });
});

const gone = new TransportError("no answer", { operation: "item.get" });
const broken = new TransferError("broken", { problem: "broken" });
const refused = new TransferError("refused", { problem: "refused", retryable: false });

describe("SharedPatience", () => {
  test("has no time left after an outage that was waited out in vain, until bytes arrive", () => {
    const patience = new SharedPatience(60_000);
    expect(patience.retryForMs).toBe(60_000);
    expect(patience.failed(broken)).toBe(false);
    expect(patience.retryForMs).toBe(0);
    patience.progressed();
    expect(patience.retryForMs).toBe(60_000);
  });

  test("says that the rest would fail as well where a call got no answer, and not after other failures", () => {
    const patience = new SharedPatience(60_000);
    expect(isOutage(gone)).toBe(true);
    expect(patience.failed(refused)).toBe(false);
    expect(patience.retryForMs).toBe(60_000);
    expect(patience.failed(gone)).toBe(true);
  });

  test("takes something busy for a matter of this part alone", () => {
    const patience = new SharedPatience(60_000);
    const busy = new ServerError("downloadSession.create", { status: 503, errorType: "RESOURCE_BUSY", messages: [] });
    expect(isOutage(busy)).toBe(true);
    expect(patience.failed(busy)).toBe(false);
    expect(patience.retryForMs).toBe(60_000);
  });

  test("without a time decides nothing", () => {
    const patience = new SharedPatience(undefined);
    expect(patience.failed(gone)).toBe(false);
    expect(patience.retryForMs).toBeUndefined();
  });
});
