import type {
  FleetDeadItem,
  FleetItemAtWork,
  FleetItemWaiting,
  FleetMirrorStatus,
  FleetStatus,
  FleetVcenterStatus,
  FleetWorker,
} from "@carrel/fleet";
import { formatAge, formatCount, formatWait } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import { layOutRows } from "../../output/progress-row.ts";
import type { BarGlyphs, ProgressRow } from "../../output/progress-row.ts";
import { fitMiddle, padEnd, textWidth } from "../../output/text-width.ts";
import { wrapMessage } from "../../output/wrap.ts";

/** How a status is shown. */
export interface ViewOptions {
  readonly columns: number;
  readonly glyphs: BarGlyphs;
  readonly nowMs: number;
  /** Paints a heading. */
  readonly heading: (text: string) => string;
  /** How fast items arrive, by mirror and id, as far as that is known. */
  readonly rates?: ReadonlyMap<string, number>;
}

/** Narrower terminals have names on lines of their own. */
const narrow = 60;
const longestName = 28;
/** Of more items only the number is shown. */
const shownItems = 8;

/** One line, or more, of a section. */
interface Row {
  readonly name: string;
  readonly text: string;
}

/** Returns the lines that show how a fleet stands. */
export function statusLines(status: FleetStatus, options: ViewOptions): readonly string[] {
  const { nowMs } = options;
  const { database, vcenters, mirrors, atWork, waiting, workers, dead } = status;
  const limits = new Map(vcenters.map(({ name, transfers }) => [name, transfers]));
  const section = (title: string, rows: readonly Row[]): readonly string[] =>
    rows.length === 0 ? [] : [options.heading(title), ...layOut(rows, options), ""];
  const kind = database.kind === "embedded" ? "embedded" : `PostgreSQL ${database.version}`;
  return [
    ...section("vCenters", vcenters.map(vcenterRow)),
    ...section(
      "Mirrors",
      mirrors.map((mirror) => mirrorRow(mirror, nowMs)),
    ),
    ...(atWork.length === 0 ? [] : [options.heading("At work"), ...bars(atWork, options), ""]),
    ...section("Waiting", [
      ...waiting.slice(0, shownItems).map((item) => waitingRow(item, limits, nowMs)),
      ...moreRows(waiting.length),
    ]),
    ...section("Given up", [
      ...dead.slice(0, shownItems).map((item) => deadRow(item, nowMs)),
      ...moreRows(dead.length),
    ]),
    ...section("Workers", workers.length === 0 ? [noWorker] : workers.map((worker) => workerRow(worker, nowMs))),
    ...layOut([{ name: "Database", text: `${kind}, ${database.location}` }], options).map((line) => line.slice(2)),
  ];
}

const noWorker: Row = { name: "none", text: "nothing is transferred until one runs: carrel fleet run" };

function vcenterRow({ name, transfers, atWork, waiting }: FleetVcenterStatus): Row {
  const work = atWork === 0 ? "idle" : `${formatCount(atWork, "item")} at work`;
  const rest = waiting === 0 ? "" : `, ${waiting} waiting`;
  return { name, text: `${work}${rest} (limit: ${formatCount(transfers, "transfer")})` };
}

const plans: Readonly<Record<FleetMirrorStatus["plan"], string>> = {
  none: "",
  waiting: "waits to be compared",
  "at-work": "being compared",
  retry: "will be compared again",
};

function mirrorRow(mirror: FleetMirrorStatus, nowMs: number): Row {
  const { name, atWork, waiting, dead, plan, plannedAt, nextAt, error } = mirror;
  const counts = [
    atWork > 0 ? `${atWork} at work` : "",
    waiting > 0 ? `${waiting} waiting` : "",
    dead > 0 ? `${dead} given up` : "",
    plans[plan],
  ].filter((part) => part !== "");
  const still = plannedAt === undefined ? "not compared yet" : `in place, compared ${agoOf(plannedAt, nowMs)}`;
  const next = nextAt === undefined ? "no schedule" : `next ${untilText(nextAt, nowMs)}`;
  const why = error === undefined ? "" : `; could not be compared: ${error.message}`;
  const now = counts.length === 0 && error === undefined ? [still] : counts;
  return { name, text: `${[...now, next].join(", ")}${why}` };
}

function waitingRow(item: FleetItemWaiting, limits: ReadonlyMap<string, number>, nowMs: number): Row {
  const { vcenter, why, attempts, retryAt, error } = item;
  const name = labelOf(item);
  if (why === "queue") return { name, text: "waits for its turn" };
  if (why === "limit") {
    return {
      name,
      text: `waits: ${vcenter} has ${formatCount(limits.get(vcenter) ?? 0, "transfer")}, as many as it may`,
    };
  }
  const when = retryAt === undefined ? "soon" : untilText(retryAt, nowMs);
  return { name, text: `tried ${timesText(attempts)}, again ${when}${reasonText(error)}` };
}

function deadRow(item: FleetDeadItem, nowMs: number): Row {
  const when = agoOf(item.failedAt, nowMs);
  return { name: labelOf(item), text: `tried ${timesText(item.attempts)}, given up ${when}${reasonText(item.error)}` };
}

function workerRow({ name, items, startedAt, seenAt }: FleetWorker, nowMs: number): Row {
  const work = items === 0 ? "idle" : `${formatCount(items, "item")} at work`;
  return { name, text: `${work}, runs for ${spanText(nowMs - startedAt)}, seen ${agoOf(seenAt, nowMs)}` };
}

function moreRows(count: number): readonly Row[] {
  return count > shownItems ? [{ name: `and ${count - shownItems} more`, text: "" }] : [];
}

function bars(items: readonly FleetItemAtWork[], { columns, glyphs, rates }: ViewOptions): readonly string[] {
  // There is little room beside a bar.
  const areUnique = new Set(items.map(({ item }) => item)).size === items.length;
  const rows = items.map((item): ProgressRow => ({
    label: `${areUnique ? item.item : labelOf(item)}${item.attempt > 1 ? ` (try ${item.attempt})` : ""}`,
    receivedBytes: item.bytes,
    totalBytes: item.totalBytes,
    bytesPerSecond: rates?.get(rateKey(item)),
  }));
  return layOutRows(rows.length > 1 ? [allOf(rows), ...rows] : rows, columns - 2, glyphs).map((line) => `  ${line}`);
}

/** The first of several rows: it has room for sizes. */
function allOf(rows: readonly ProgressRow[]): ProgressRow {
  const sum = (of: (row: ProgressRow) => number | undefined): number | undefined =>
    rows.reduce<number | undefined>((total, row) => {
      const next = of(row);
      return total === undefined || next === undefined ? undefined : total + next;
    }, 0);
  return {
    label: formatCount(rows.length, "item"),
    receivedBytes: sum(({ receivedBytes }) => receivedBytes) ?? 0,
    totalBytes: sum(({ totalBytes }) => totalBytes),
    bytesPerSecond: sum(({ bytesPerSecond = 0 }) => bytesPerSecond) || undefined,
  };
}

/** The key of an item in the rates. */
export function rateKey({ mirror, itemId }: Pick<FleetItemAtWork, "mirror" | "itemId">): string {
  return `${mirror}/${itemId}`;
}

function layOut(rows: readonly Row[], { columns }: ViewOptions): readonly string[] {
  const most = Math.min(longestName, Math.max(...rows.map(({ name }) => textWidth(printable(name)))));
  return rows.flatMap(({ name, text }) => {
    const shown = printable(name);
    if (text === "") return [`  ${shown}`];
    if (columns < narrow)
      return [`  ${fitMiddle(shown, columns - 3)}`, ...wrapMessage(`    ${printable(text)}`, columns - 1, "    ")];
    const indent = " ".repeat(most + 4);
    return wrapMessage(`  ${padEnd(fitMiddle(shown, most), most)}  ${printable(text)}`, columns - 1, indent);
  });
}

/** Mirror and item, as other commands take it. */
export function labelOf({ mirror, item }: { readonly mirror: string; readonly item: string }): string {
  return `${mirror}/${item}`;
}

function reasonText(error: { readonly message: string } | undefined): string {
  return error === undefined ? "" : `: ${error.message}`;
}

function timesText(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function agoOf(time: number, nowMs: number): string {
  return `${spanText(nowMs - time)} ago`;
}

function untilText(time: number, nowMs: number): string {
  return time <= nowMs ? "now" : `in ${spanText(time - nowMs)}`;
}

function spanText(ms: number): string {
  return ms < 120_000 ? formatWait(ms) : formatAge(ms);
}
