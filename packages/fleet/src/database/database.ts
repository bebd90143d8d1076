import type { ConstructorOptions } from "pg-boss";
import type { VcenterSlots } from "../slots/slots.ts";

/** A row of a result. */
export type Row = Readonly<Record<string, unknown>>;

/** The database of a fleet: what the engine's objects are made with, and what makes the limits of vCenters exact. */
export interface FleetDatabase extends AsyncDisposable {
  readonly kind: "embedded" | "postgresql";
  /** A directory, or a URL without a password. */
  readonly location: string;
  /** Such as `15.18`. */
  readonly version: string;
  /** How the engine reaches it. */
  readonly engine: ConstructorOptions;
  /** Opens what counts the transfers of this process among those of all. */
  openSlots(): VcenterSlots;
}
