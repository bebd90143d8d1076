import type { Schedule } from "./schedule.ts";

/** A run that is to be started at its times. */
export interface PlannedRun {
  /** Name of the units or the task. */
  readonly name: string;
  readonly description: string;
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly directory: string;
  /** Variables that the run needs, without secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly passwordFile: string | undefined;
  readonly schedule: Schedule;
}
