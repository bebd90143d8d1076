import type { Fault } from "../model/fault.ts";
import { checkedFaults } from "../input/faults.ts";

/** The faults of a simulator. */
export interface FaultPlan {
  /**
   * Plans faults. Several may take effect in one exchange, in the order in which they were planned; among those that replace
   * the answer only the first one does.
   * @throws SimulatorInputError where a fault is wrong; the message begins with the place of the mistake. None is planned then.
   */
  add(...faults: readonly Fault[]): void;
  /** Every fault that was planned. */
  readonly planned: readonly Fault[];
  /** Faults that never took effect. A test may end with `expect(simulator.faults.unused).toEqual([])`. */
  readonly unused: readonly Fault[];
  /** Removes all faults. */
  clear(): void;
}

/** What an exchange is, for the target of a fault. */
export interface Occasion {
  readonly on: string;
  readonly file?: string | undefined;
}

/** A fault that is to take effect. */
export interface ActiveFault {
  readonly fault: Fault;
  /** Records that the fault took effect. */
  readonly fire: () => void;
}

interface Entry {
  readonly fault: Fault;
  uses: number;
  fired: boolean;
}

/** The faults, and how often each was used. */
export class Faults implements FaultPlan {
  #entries: Entry[] = [];

  add(...faults: readonly Fault[]): void {
    for (const fault of checkedFaults(faults, "faults")) {
      this.#entries.push({ fault: Object.freeze({ ...fault }), uses: 0, fired: false });
    }
  }

  get planned(): readonly Fault[] {
    return this.#entries.map((entry) => entry.fault);
  }

  get unused(): readonly Fault[] {
    return this.#entries.filter((entry) => !entry.fired).map((entry) => entry.fault);
  }

  clear(): void {
    this.#entries = [];
  }

  /** Counts a use of every fault that fits the occasion, and returns those that are to take effect now, in order. */
  take(occasion: Occasion, accepts: (fault: Fault) => boolean): readonly ActiveFault[] {
    const active: ActiveFault[] = [];
    for (const entry of this.#entries) {
      const { fault } = entry;
      if (!fits(fault, occasion) || !accepts(fault)) continue;
      entry.uses += 1;
      const first = fault.use ?? 1;
      const times = fault.times === "always" ? Number.POSITIVE_INFINITY : (fault.times ?? 1);
      if (entry.uses < first || entry.uses >= first + times) continue;
      active.push({ fault, fire: () => void (entry.fired = true) });
    }
    return active;
  }
}

function fits(fault: Fault, occasion: Occasion): boolean {
  const isBytes = occasion.on === "transfer" || occasion.on === "upload";
  if (fault.on !== occasion.on && !(fault.on === "*" && !isBytes)) return false;
  // These change a file of the item, whichever file the exchange is about.
  const aboutItem = fault.kind === "renameFile" || (fault.kind === "changeContent" && !isBytes);
  return aboutItem || fault.file === undefined || fault.file === occasion.file;
}
