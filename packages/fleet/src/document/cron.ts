import { CronExpressionParser } from "cron-parser";
import type { CronExpression } from "cron-parser";
import type { Complaint } from "./mistakes.ts";
import { shownText } from "./shapes.ts";

const usualNames: ReadonlySet<string> = new Set(["@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@annually"]);
/** What the five fields are called in messages. */
const fieldNames = ["minute", "hour", "day of the month", "month", "day of the week"] as const;
/** Fields that are right, to try one field at a time. */
const anyTime: readonly string[] = ["*", "*", "*", "*", "*"];

/**
 * Returns what is wrong with a cron expression. It has five fields, because the engine looks once a minute; the parser would
 * read a sixth as seconds, and fill up what is missing. `H`, which it replaces by a random number, is not accepted.
 */
export function checkCron(text: string): Complaint | undefined {
  const shown = shownText(text);
  const no = (why: string): Complaint => ({ problem: "cron", message: `${shown} is not a cron expression: ${why}` });
  if (text.trim().startsWith("@")) {
    if (usualNames.has(text.trim())) return undefined;
    return no(`the names are ${[...usualNames].join(", ")}`);
  }
  const fields = text.trim().split(/\s+/u);
  if (fields.length !== anyTime.length) {
    return no(`it has ${fields.length === 1 ? "1 field" : `${fields.length} fields`} and not 5`);
  }
  for (const [index, field] of fields.entries()) {
    if (/(?<![A-Z])H(?![A-Z])/iu.test(field) || !parses(anyTime.with(index, field))) {
      return no(`${shownText(field)} is not a ${fieldNames[index]}`);
    }
  }
  const [, , day = "", month = ""] = fields;
  if (parses(fields)) return undefined;
  return {
    problem: "never-fires",
    message: `${shown} never fires: there is no day ${shownText(day)} in month ${shownText(month)}`,
  };
}

function parses(fields: readonly string[]): boolean {
  try {
    parse(fields.join(" "), "UTC", new Date(0)).next();
    return true;
  } catch {
    return false;
  }
}

/** Returns what is wrong with a time zone. Offsets such as `+02:00` know no summer time, and not every parser knows them. */
export function checkTimezone(text: string): Complaint | undefined {
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions();
    if (/^[A-Za-z]/u.test(timeZone)) return undefined;
    throw new RangeError(text);
  } catch {
    return { problem: "timezone", message: `${shownText(text)} is not a time zone such as "Europe/Berlin"` };
  }
}

/** Options of {@link nextTimes}. */
export interface NextTimesOptions {
  /** IANA time zone; the default is UTC. */
  readonly timezone?: string | undefined;
  /** How many; the default is 1. */
  readonly count?: number;
  /** After when. */
  readonly from: Date;
}

/**
 * Returns the next times of a cron expression that {@link checkCron} accepts, as the engine computes them. There may be fewer
 * than asked for, where the others are many years away.
 */
export function nextTimes(cron: string, { timezone = "UTC", count = 1, from }: NextTimesOptions): readonly Date[] {
  const times: Date[] = [];
  try {
    const expression = parse(cron, timezone, from);
    while (times.length < count) times.push(expression.next().toDate());
  } catch {
    // The parser gives up after some decades.
  }
  return times;
}

function parse(cron: string, tz: string, currentDate: Date): CronExpression {
  return CronExpressionParser.parse(cron, { tz, strict: false, currentDate });
}
