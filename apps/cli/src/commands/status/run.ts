import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MirrorError, readMirrorRecord, readMirrorStatus } from "@carrel/mirror";
import type { MirrorStatus } from "@carrel/mirror";
import type { MirrorPlace } from "@carrel/mirror/source";
import { DirectoryPlace, VcspError } from "@carrel/vcsp";
import { openMirrors } from "../../connection/open-store.ts";
import type { OpenMirrors } from "../../connection/open-store.ts";
import { formatAge, formatBytes, formatCount } from "../../output/format.ts";
import { isStore, resolvePlace } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { refuseStoreFlags } from "../../settings/store-settings.ts";
import { parseAge } from "../../settings/parse-values.ts";
import type { StatusFlags } from "./command.ts";
import { describePublication, readLibraryIn } from "./publication.ts";
import type { Publication } from "./publication.ts";

/** How monitoring systems grade what they watch, by exit code. */
const grades = ["OK", "WARNING", "CRITICAL"] as const;
/** This many failed runs in a row are more than bad luck. */
const manyRuns = 3;
/** Of more items only the number is shown. */
const shownItems = 3;

/** How one mirror stands. */
interface Finding {
  readonly grade: 0 | 1 | 2;
  readonly line: string;
  readonly json: object;
}

/** `carrel status`. Its exit codes are those of monitoring systems, not those of the other commands. */
export async function runStatus(directories: readonly string[], flags: StatusFlags, run: Run): Promise<ExitCode> {
  const { maxAge, json = false } = flags;
  const maxAgeMs = parseAge(maxAge, "--max-age");
  if (!directories.some(isStore)) refuseStoreFlags(flags, "s3://BUCKET/PREFIX in place of DIR");
  await using opened = await openAll(directories, flags, run);
  const { mirrors } = opened;
  const findings: Finding[] = [];
  for (const mirror of mirrors) findings.push(await look(mirror, maxAgeMs, mirrors.length > 1));
  // Monitoring systems show the first line.
  for (const { grade, line, json: event } of findings.toSorted((one, other) => other.grade - one.grade)) {
    if (json) run.screen.printJson(event);
    else run.screen.print(printable(`${grades[grade]}: ${line}`));
  }
  return Math.max(...findings.map(({ grade }) => grade));
}

/** Mirrors to look at. */
interface OpenedMirrors extends AsyncDisposable {
  readonly mirrors: readonly (string | MirrorPlace)[];
}

async function openAll(directories: readonly string[], flags: StatusFlags, run: Run): Promise<OpenedMirrors> {
  const stores: OpenMirrors[] = [];
  const mirrors: (string | MirrorPlace)[] = [];
  for (const directory of directories) {
    if (isStore(directory)) {
      const store = await openMirrors(directory, flags, run);
      stores.push(store);
      mirrors.push(store.mirrorAt(resolvePlace(directory)));
    } else {
      mirrors.push(...(await mirrorsIn(directory)));
    }
  }
  return {
    mirrors,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store[Symbol.asyncDispose]();
    },
  };
}

/** Returns a directory, or those below it that are mirrors or libraries where it is neither: several are mirrored that way. */
async function mirrorsIn(directory: string): Promise<readonly string[]> {
  if (await isKnown(directory)) return [directory];
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const mirrors: string[] = [];
  for (const { name } of below.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(directory, name);
    if (await isKnown(path)) mirrors.push(path);
  }
  return mirrors.length > 0 ? mirrors : [directory];
}

/** Whether a directory is a mirror, or a library that was published without one. */
async function isKnown(directory: string): Promise<boolean> {
  if ((await readMirrorRecord(directory)) !== undefined) return true;
  return (await stat(join(directory, "lib.json")).catch(() => undefined)) !== undefined;
}

async function look(directory: string | MirrorPlace, maxAgeMs: number, isOneOfSeveral: boolean): Promise<Finding> {
  try {
    const status = await readMirrorStatus(directory);
    const ageMs = status.completeAt === undefined ? undefined : Math.max(0, Date.now() - status.completeAt);
    const grade = gradeOf(status, ageMs, maxAgeMs);
    const where = isOneOfSeveral ? ` in ${status.directory}` : "";
    return { grade, line: `${status.library}${where}: ${describe(status, ageMs)}`, json: jsonOf(status, grade) };
  } catch (error) {
    if (error instanceof MirrorError && error.problem === "not-a-mirror") {
      const library = await lookAtLibrary(directory, isOneOfSeveral);
      if (library !== undefined) return library;
    }
    return critical(directory, error);
  }
}

async function lookAtLibrary(directory: string | MirrorPlace, isOneOfSeveral: boolean): Promise<Finding | undefined> {
  try {
    const library = await readLibraryIn(
      typeof directory === "string" ? new DirectoryPlace(directory) : directory.library,
    );
    if (library === undefined) return undefined;
    const { directory: path, items, ...publication } = library;
    const where = isOneOfSeveral ? ` in ${path}` : "";
    const line = `${library.name}${where}: ${formatCount(items, "item")}, ${describePublication(library)}`;
    const { name, id: libraryId } = publication;
    const members = { directory: path, libraryId, library: name, items, publication: timed({ ...publication, items }) };
    return { grade: 0, line, json: { type: "status", status: "ok", ...members } };
  } catch (error) {
    return critical(directory, error);
  }
}

/** @throws the error where it says nothing about what is in the directory. */
function critical(directory: string | MirrorPlace, error: unknown): Finding {
  if (!(error instanceof MirrorError || error instanceof VcspError)) throw error;
  const { message, problem } = error;
  const path = typeof directory === "string" ? resolve(directory) : directory.location;
  const line = error instanceof VcspError ? `${path}: ${message}` : message;
  return { grade: 2, line, json: { type: "status", status: "critical", directory: path, problem, message } };
}

function gradeOf({ failedRuns }: MirrorStatus, ageMs: number | undefined, maxAgeMs: number): 0 | 1 | 2 {
  if (ageMs === undefined || ageMs > 2 * maxAgeMs || failedRuns >= manyRuns) return 2;
  return ageMs > maxAgeMs || failedRuns > 0 ? 1 : 0;
}

function describe(status: MirrorStatus, ageMs: number | undefined): string {
  const { items, sizeBytes, unverified, failedRuns, failedItems, failing, publication } = status;
  const parts = [`${formatCount(items, "item")} (${formatBytes(sizeBytes)})`];
  parts.push(ageMs === undefined ? "never complete so far" : `complete ${formatAge(ageMs)} ago`);
  if (failedRuns === 1) parts.push("the last run failed");
  if (failedRuns > 1) parts.push(`the last ${failedRuns} runs failed`);
  if (failedItems > 0) parts.push(`${formatCount(failedItems, "item")} not in place${namesOf(failing, failedItems)}`);
  if (unverified > 0) parts.push(`${formatCount(unverified, "file")} UNVERIFIED`);
  if (publication !== undefined) parts.push(describePublication(publication));
  return parts.join(", ");
}

/** Such as `: debian (3 runs), ubuntu and 5 more`. */
function namesOf(failing: MirrorStatus["failing"], count: number): string {
  const named = failing.slice(0, shownItems).map(({ item, runs }) => (runs > 1 ? `${item} (${runs} runs)` : item));
  if (named.length === 0) return "";
  return `: ${named.join(", ")}${count > named.length ? ` and ${count - named.length} more` : ""}`;
}

function jsonOf({ endedAt, completeAt, publication, ...status }: MirrorStatus, grade: 0 | 1 | 2): object {
  return {
    type: "status",
    status: grades[grade].toLowerCase(),
    ...status,
    endedAt: timeText(endedAt),
    completeAt: timeText(completeAt),
    ...(publication !== undefined && { publication: timed(publication) }),
  };
}

function timed({ publishedAt, ...publication }: Publication): object {
  return { ...publication, publishedAt: timeText(publishedAt) };
}

function timeText(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
