import { usageError } from "../../process/cli-error.ts";
import { parseAge } from "../../settings/parse-values.ts";
import type { InstallTimerFlags } from "./command.ts";

/** When runs start: at set times, in the form of systemd, or at an interval. */
export type Schedule =
  | { readonly kind: "calendar"; readonly text: string }
  | { readonly kind: "interval"; readonly seconds: number };

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

const night = "*-*-* 03:00";
const leastSeconds = 60;

/** @throws {@link CliError} exit code 2: the flags are malformed, or both are given. */
export function readSchedule({ onCalendar, every }: InstallTimerFlags): Schedule {
  if (every === undefined) {
    // oxlint-disable-next-line no-control-regex -- a line break would begin another setting
    if (!/[\u0000-\u001F\u007F]/u.test(onCalendar ?? ""))
      return { kind: "calendar", text: onCalendar?.trim() ?? night };
    throw usageError("--on-calendar: invalid value: it has control characters");
  }
  if (onCalendar !== undefined) throw usageError("Cannot combine --every with --on-calendar");
  const seconds = Math.round(parseAge(every, "--every") / 1_000);
  if (seconds >= leastSeconds) return { kind: "interval", seconds };
  throw usageError(`--every: invalid value "${every}"`, "Use a minute or more, such as 90m, 6h or 1d.");
}

/**
 * Returns the hour and the minute of a schedule that is daily.
 * @throws {@link CliError} exit code 2: it is another one, which only systemd understands.
 */
export function timeOfDay(text: string): readonly [hour: number, minute: number] {
  const [, hour = "", minute = ""] = /^(?:\*-\*-\* )?(\d{1,2}):(\d{2})(?::00)?$/u.exec(text) ?? [];
  if (hour !== "" && Number(hour) < 24 && Number(minute) < 60) return [Number(hour), Number(minute)];
  throw usageError(
    `--on-calendar: invalid value "${text}"`,
    "Only systemd takes more than a time of day, such as 03:00.",
  );
}
