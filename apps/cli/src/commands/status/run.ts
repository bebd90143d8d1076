import { MirrorError, readMirrorStatus } from "@carrel/mirror";
import type { MirrorStatus } from "@carrel/mirror";
import { formatAge, formatBytes, formatCount } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { parseAge } from "../../settings/parse-values.ts";
import type { StatusFlags } from "./command.ts";

/** How monitoring systems grade what they watch, by exit code. */
const grades = ["OK", "WARNING", "CRITICAL"] as const;
/** This many failed runs in a row are more than bad luck. */
const manyRuns = 3;

/** `carrel status`. Its exit codes are those of monitoring systems, not those of the other commands. */
export async function runStatus(directory: string, { maxAge, json = false }: StatusFlags, run: Run): Promise<ExitCode> {
  const maxAgeMs = parseAge(maxAge, "--max-age");
  try {
    const status = await readMirrorStatus(directory);
    const ageMs = status.completeAt === undefined ? undefined : Math.max(0, Date.now() - status.completeAt);
    const grade = gradeOf(status, ageMs, maxAgeMs);
    if (json) run.screen.printJson(jsonOf(status, grade));
    else run.screen.print(printable(`${grades[grade]}: ${describe(status, ageMs)}`));
    return grade;
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error;
    const { message, problem } = error;
    if (json) run.screen.printJson({ type: "status", status: "critical", problem, message });
    else run.screen.print(printable(`CRITICAL: ${message}`));
    return 2;
  }
}

function gradeOf({ failedRuns }: MirrorStatus, ageMs: number | undefined, maxAgeMs: number): 0 | 1 | 2 {
  if (ageMs === undefined || ageMs > 2 * maxAgeMs || failedRuns >= manyRuns) return 2;
  return ageMs > maxAgeMs || failedRuns > 0 ? 1 : 0;
}

function describe(status: MirrorStatus, ageMs: number | undefined): string {
  const { library, items, sizeBytes, unverified, failedRuns, failedItems } = status;
  const parts = [`${formatCount(items, "item")} (${formatBytes(sizeBytes)})`];
  parts.push(ageMs === undefined ? "never complete so far" : `complete ${formatAge(ageMs)} ago`);
  if (failedRuns === 1) parts.push("the last run failed");
  if (failedRuns > 1) parts.push(`the last ${failedRuns} runs failed`);
  if (failedItems > 0) parts.push(`${formatCount(failedItems, "item")} not in place`);
  if (unverified > 0) parts.push(`${formatCount(unverified, "file")} UNVERIFIED`);
  return `${library}: ${parts.join(", ")}`;
}

function jsonOf({ endedAt, completeAt, ...status }: MirrorStatus, grade: 0 | 1 | 2): object {
  const text = (time: number | undefined): string | undefined =>
    time === undefined ? undefined : new Date(time).toISOString();
  return {
    type: "status",
    status: grades[grade].toLowerCase(),
    ...status,
    endedAt: text(endedAt),
    completeAt: text(completeAt),
  };
}
