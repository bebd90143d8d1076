import type { ActiveFault } from "../state/fault-plan.ts";
import type { ActiveFaults } from "../faults/active-faults.ts";

/** A fault that takes effect at a position of a body. */
export interface BodyEvent {
  readonly atByte: number;
  readonly active: ActiveFault;
}

/** How a body differs from what it should be. */
export interface BodyScript {
  /** By position. */
  readonly events: readonly BodyEvent[];
  /** Where the body ends, as if the file ended there. */
  readonly end: number;
  /** How many bytes follow that are not of the file. */
  readonly extraBytes: number;
  /** Whether only the close of the connection ends the body. */
  readonly closeDelimited: boolean;
}

/** The script of a body without faults. */
export function plainScript(end: number): BodyScript {
  return { events: [], end, extraBytes: 0, closeDelimited: false };
}

/** Plans how the faults change a body from `start` to `end`. Records that truncations and extensions took effect. */
export function scriptOf(faults: ActiveFaults, start: number, end: number): BodyScript {
  const active = faults.takeWithin(start, end);
  const events = active
    .filter(({ fault }) => fault.kind !== "truncate")
    .map((each) => ({ atByte: "atByte" in each.fault ? (each.fault.atByte ?? 0) : 0, active: each }))
    .toSorted((one, other) => one.atByte - other.atByte);
  let last = end;
  for (const { fault, fire } of active) {
    if (fault.kind !== "truncate") continue;
    fire();
    last = Math.min(last, fault.atByte);
  }
  return {
    events,
    end: last,
    extraBytes: faults.fire("extend")?.bytes ?? 0,
    closeDelimited: active.some(({ fault }) => fault.kind === "shortClose" && !fault.keepLength),
  };
}
