import type { IncompleteUpload, IncompleteUploads, S3Inspection } from "@carrel/s3";
import { defined } from "@carrel/core/kit";
import { collect, concurrently } from "../../concurrently.ts";
import { formatAge, formatBytes, formatCount } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import { confirm } from "../../run/ask.ts";
import type { Run } from "../../run/run-command.ts";
import type { Checklist, CheckResult } from "./checklist.ts";
import type { DoctorFlags } from "./command.ts";

/** Of more uploads only the number is shown. */
const shownUploads = 20;
/** Each may have to be watched for 20 seconds. */
const endedAtOnce = 16;

/** Lists incomplete uploads, and ends those that no run works on where that is asked for. */
export async function checkUploads(
  checklist: Checklist,
  inspection: S3Inspection,
  flags: DoctorFlags,
  run: Run,
): Promise<void> {
  const { endUploads = false, json = false } = flags;
  const list = async (): Promise<CheckResult<IncompleteUploads>> =>
    describe(await inspection.incompleteUploads(run.signal), { isAskedToEnd: endUploads });
  const found = await checklist.check("uploads", list);
  if (found === undefined) return;
  show(found.ours, { json }, run);
  const abandoned = found.ours.filter(({ isInUse }) => !isInUse);
  if (!endUploads || abandoned.length === 0) return;
  const question = `End ${formatCount(abandoned.length, "upload")}? Their downloads begin again from the first byte.`;
  if (flags.yes !== true && !(await confirm(question, "--yes", run))) {
    run.screen.note("No upload was ended.");
    return;
  }
  await checklist.check("end uploads", () => end(inspection, abandoned, { json }, run));
}

function describe(
  found: IncompleteUploads,
  { isAskedToEnd }: { readonly isAskedToEnd: boolean },
): CheckResult<IncompleteUploads> {
  const { ours, others } = found;
  const rest = others === 0 ? "" : `; ${formatCount(others, "other")} of other programs`;
  if (ours.length === 0) return { message: `none that is Carrel's is incomplete${rest}`, value: found };
  const abandoned = ours.filter(({ isInUse }) => !isInUse).length;
  const bytes = formatBytes(ours.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const inUse = ours.length - abandoned;
  const states = [
    ...(inUse > 0 ? [`${inUse} in use`] : []),
    ...(abandoned > 0 ? [`${abandoned} that no run works on`] : []),
  ];
  const message = `${formatCount(ours.length, "incomplete upload")} of Carrel, ${bytes}: ${states.join(", ")}${rest}`;
  if (abandoned === 0) return { message, value: found };
  const hints = isAskedToEnd
    ? []
    : ["The same download resumes them. To end those that nobody will repeat, which cost money: --end-uploads"];
  return { status: "warning", message, hints, value: found };
}

function show(ours: readonly IncompleteUpload[], { json }: { readonly json: boolean }, { screen }: Run): void {
  const oldestFirst = ours.toSorted((one, other) => timeOf(one) - timeOf(other));
  for (const upload of json ? oldestFirst : oldestFirst.slice(0, shownUploads)) {
    const { isInUse, location: path, parts, sizeBytes, startedAt } = upload;
    if (json) {
      const since = defined({ startedAt: startedAt?.toISOString() });
      screen.printJson({ type: "upload", path, sizeBytes, parts, ...since, inUse: isInUse });
      continue;
    }
    const age = startedAt === undefined ? "?" : formatAge(Date.now() - startedAt.getTime());
    const state = isInUse ? "  (in use)" : "";
    screen.printFailure(printable(`  ${age.padStart(8)}  ${formatBytes(sizeBytes).padStart(10)}  ${path}${state}`));
  }
  const more = ours.length - shownUploads;
  if (!json && more > 0) screen.printFailure(`  and ${formatCount(more, "more upload")}`);
}

function timeOf({ startedAt }: IncompleteUpload): number {
  return startedAt?.getTime() ?? 0;
}

async function end(
  inspection: S3Inspection,
  uploads: readonly IncompleteUpload[],
  { json }: { readonly json: boolean },
  { screen, signal }: Run,
): Promise<CheckResult<true>> {
  const counts = { ended: 0, "in-use": 0, gone: 0 };
  let freedBytes = 0;
  const endOne = async (upload: IncompleteUpload): Promise<void> => {
    const ending = await inspection.endUpload(upload, signal);
    counts[ending] += 1;
    if (ending !== "ended") return;
    freedBytes += upload.sizeBytes;
    if (json) screen.printJson({ type: "ended", path: upload.location, sizeBytes: upload.sizeBytes });
  };
  await collect(concurrently(uploads, endedAtOnce, endOne));
  const kept = [
    ...(counts["in-use"] > 0 ? [`${counts["in-use"]} left, which a run works on`] : []),
    ...(counts.gone > 0 ? [`${counts.gone} no longer there`] : []),
  ];
  const message = [`${formatCount(counts.ended, "upload")} ended, ${formatBytes(freedBytes)} freed`, ...kept].join(
    "; ",
  );
  return { message, value: true };
}
