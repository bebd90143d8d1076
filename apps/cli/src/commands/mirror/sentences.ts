import type {
  DryRunDone,
  MirrorAction,
  MirrorDeletion,
  MirrorDone,
  MirroredItem,
  MirrorPlan,
  MirrorPublication,
  MirrorSpace,
  PlannedDeletion,
  PlannedItem,
  Verification,
} from "@carrel/mirror";
import { formatBytes, formatCount, formatDuration } from "../../output/format.ts";
import { isStore } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import { describeVerdict } from "../../output/verdict.ts";

/** What a dry run says that a run would do, or leave. */
export type Planned = PlannedItem | PlannedDeletion;

/** What was done about an item, in words. */
const actionWords: Readonly<Record<MirrorAction | "unchanged", string>> = {
  new: "new",
  changed: "changed",
  incomplete: "completed",
  renamed: "renamed",
  unchanged: "unchanged",
};

/** Returns what a dry run says, in the order in which a run would do it. */
export function plannedOf({ deletions = [], items }: MirrorPlan): readonly Planned[] {
  return [...deletions, ...items];
}

function isDeletion(planned: Planned): planned is PlannedDeletion {
  return planned.action === "delete" || planned.action === "kept";
}

/** Describes what a run would do, in a line. */
export function describePlanned(planned: Planned): string {
  const { action, item, directory } = planned;
  const { file, files, deletableAt }: Partial<PlannedDeletion> = isDeletion(planned) ? planned : {};
  const bytes = planned.sizeBytes;
  const isUncached = "cached" in planned;
  const size = (isUncached ? "not cached" : bytes === undefined ? "" : formatBytes(bytes)).padStart(10);
  const what = file === undefined ? item : `${item}/${file}`;
  const where = directory === item ? "" : `  -> ${directory}`;
  const later = deletableAt === undefined ? "--delete deletes it" : `deleted after ${dateOf(deletableAt)}`;
  const more = action === "kept" ? `  (gone; ${later})` : where;
  const count = files === undefined ? "" : `  (${formatCount(files, "file")})`;
  return `${action.padEnd(10)}  ${size}  ${what}${count}${more}`;
}

/** Describes what subscribers would see change, in a line. */
export function describePlannedChange({ change, version, name }: MirrorPublication["changes"][number]): string {
  const isRemoved = change === "removed";
  const state = (isRemoved ? change : `version ${version}`).padStart(10);
  return `${"publish".padEnd(10)}  ${state}  ${name}${isRemoved ? "" : `  (${change})`}`;
}

/** Describes an item that is in place, in a line, which is printable. */
export function describeMirrored(mirrored: MirroredItem, paint: (format: "yellow", text: string) => string): string {
  const { action, item, directory, files } = mirrored;
  const figures = { files: files.length, sizeBytes: sumOf(files) };
  const where = directory === item ? "" : `  -> ${directory}`;
  return lineOf(actionWords[action], figures, `${describeVerdict([mirrored], paint)}  ${printable(item + where)}`);
}

/** Describes what was deleted, or kept because it was modified locally, in a line. */
export function describeDeletion(deletion: MirrorDeletion & { readonly type: "deleted" | "kept" }): string {
  const { type, item, file, files = 1, sizeBytes } = deletion;
  const note = type === "kept" ? "  (modified locally, no longer managed by mirror)" : "";
  return lineOf(type, { files, sizeBytes }, `${file === undefined ? item : `${item}/${file}`}${note}`);
}

/** Sums a dry run up in a line. */
export function describeDryRun(done: DryRunDone, root: string): string {
  const { toDo, unchanged, failed, verified, space, published } = done;
  const allInPlace = done.allInPlace && published?.isChanged !== true;
  const what = [`${toDo} to do`, `${unchanged} unchanged`];
  if (failed > 0) what.push(`${failed} would fail`);
  if (verified) what.push(describeVerification(verified));
  if (published !== undefined) what.push(describePublication(published, "would be published"));
  const fetched = space.fetchBytes > 0 ? ` ${describeMirrorSpace(space, root)}.` : "";
  return `${what.join(", ")}. ${allInPlace ? "All is in place." : "Nothing was changed."}${fetched}`;
}

/** Sums a run up in a line. */
export function describeDone(done: MirrorDone): string {
  const { inPlace, failed, deleted, leftoversDeleted, goneAndKept, leftoversKept, templates, excluded, verified } =
    done;
  const { awaitingDeletion, leftoversAwaitingDeletion: awaitingFiles, published, backup } = done;
  const actions = ["new", "changed", "incomplete", "renamed", "unchanged"] as const;
  const changes = actions.filter((action) => done[action] > 0 || action === "unchanged");
  const what = changes.map((action) => `${done[action]} ${actionWords[action]}`);
  if (deleted > 0) what.push(`${deleted} deleted`);
  if (leftoversDeleted > 0) what.push(`${formatCount(leftoversDeleted, "leftover file")} deleted`);
  if (goneAndKept > 0) what.push(`${goneAndKept} gone and kept (--delete deletes)`);
  if (awaitingDeletion > 0) what.push(`${awaitingDeletion} gone and kept for now`);
  if (leftoversKept > 0) what.push(`${formatCount(leftoversKept, "leftover file")} kept (--delete deletes)`);
  if (awaitingFiles > 0) what.push(`${formatCount(awaitingFiles, "leftover file")} kept for now`);
  if (templates > 0) what.push(`${formatCount(templates, "VM template")} left out`);
  if (excluded > 0) what.push(`${excluded} not selected`);
  if (verified) what.push(describeVerification(verified));
  if (published !== undefined) what.push(describePublication(published));
  if (backup !== undefined) {
    const { files, sizeBytes, directory } = backup;
    what.push(`${formatCount(files, "file")} (${formatBytes(sizeBytes)}) kept in ${directory}`);
  }
  const received = `${formatBytes(done.receivedBytes)} received in ${formatDuration(done.durationMs)}`;
  return `${inPlace} of ${formatCount(inPlace + failed, "item")} in place: ${what.join(", ")}; ${received}.`;
}

/** How many items changed in what subscribers see. */
export function countsOf({ changes }: MirrorPublication): Readonly<Record<"added" | "changed" | "removed", number>> {
  const count = (wanted: string): number => changes.filter(({ change }) => change === wanted).length;
  return { added: count("added"), changed: count("changed"), removed: count("removed") };
}

/** Such as `published as version 12 (2 added, 1 changed)`. */
function describePublication(published: MirrorPublication, verb = "published"): string {
  const { isChanged, version } = published;
  if (!isChanged) return `still published as version ${version}`;
  const counts = Object.entries(countsOf(published)).filter(([, count]) => count > 0);
  const what = counts.map(([change, count]) => `${count} ${change}`).join(", ");
  return `${verb} as version ${version}${what === "" ? "" : ` (${what})`}`;
}

/** Describes what a run needs of the disk: `At most 1.2 GiB to fetch, 30.0 GiB free`. A store has no free space to speak of. */
export function describeMirrorSpace({ fetchBytes, freeBytes }: MirrorSpace, root: string): string {
  const fetched = `At most ${formatBytes(fetchBytes)} to fetch`;
  if (isStore(root)) return fetched;
  return `${fetched}, ${freeBytes === undefined ? "free space unknown" : `${formatBytes(freeBytes)} free`}`;
}

/** Sums several libraries up in a line. */
export function describeAll(
  ended: readonly (MirrorDone | DryRunDone)[],
  { failed, durationMs }: { readonly failed: number; readonly durationMs: number },
): string {
  const sumOver = (count: (done: MirrorDone | DryRunDone) => number): number =>
    ended.reduce((total, done) => total + count(done), 0);
  const libraries = `${ended.length + failed} libraries${failed > 0 ? `, ${failed} of them not mirrored` : ""}`;
  if (ended.some(({ dryRun }) => dryRun)) {
    const toDo = sumOver((done) => (done.dryRun ? done.toDo : 0));
    return `${libraries}: ${toDo} to do, ${sumOver(({ unchanged }) => unchanged)} unchanged. Nothing was changed.`;
  }
  const inPlace = sumOver((done) => (done.dryRun ? 0 : done.inPlace));
  const items = inPlace + sumOver((done) => done.failed);
  const received = formatBytes(sumOver((done) => (done.dryRun ? 0 : done.receivedBytes)));
  const time = formatDuration(durationMs);
  return `${libraries}: ${inPlace} of ${formatCount(items, "item")} in place; ${received} received in ${time}.`;
}

/** Such as `2026-12-05 03:00` in the local time. */
function dateOf(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Such as `12 files read (3.4 GiB), 1 of them modified locally`. */
function describeVerification({ files, bytes, differing }: Verification): string {
  const verdict = differing === 0 ? "none modified locally" : `${differing} of them modified locally`;
  return `${formatCount(files, "file")} read (${formatBytes(bytes)}), ${verdict}`;
}

function sumOf(files: MirroredItem["files"]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

interface Figures {
  readonly files: number;
  readonly sizeBytes: number;
}

function lineOf(word: string, { files, sizeBytes }: Figures, rest: string): string {
  const figures = `${formatBytes(sizeBytes).padStart(10)}  ${formatCount(files, "file").padStart(8)}`;
  return `${word.padEnd(10)}  ${figures}  ${rest}`;
}
