import { formatBytes, formatClock, formatRate } from "./format.ts";
import { fitMiddle, padEnd, textWidth } from "./text-width.ts";

/** One line with a bar. Sizes in bytes. */
export interface ProgressRow {
  readonly label: string;
  readonly receivedBytes: number;
  /** Absent while the size is unknown. */
  readonly totalBytes?: number | undefined;
  readonly bytesPerSecond: number;
  readonly etaMs?: number | undefined;
  /** Shown in place of the figures, such as `preparing`. */
  readonly note?: string | undefined;
}

/** Characters that a bar is made of. */
export interface BarGlyphs {
  readonly full: string;
  readonly empty: string;
  readonly ellipsis: string;
}

const MIN_LABEL = 12;
const MIN_BAR = 8;
const MAX_BAR = 30;
const MAX_ETA_MS = 9 * 3600 * 1000;

interface Figure {
  /** Fixed, so that nothing jumps from one frame to the next. */
  readonly width: number;
  /** What is 0 is left out last. */
  readonly rank: number;
  readonly text: (row: ProgressRow) => string;
}

const figures: readonly Figure[] = [
  { width: 4, rank: 0, text: percent },
  { width: 21, rank: 3, text: sizes },
  { width: 12, rank: 1, text: (row) => formatRate(row.bytesPerSecond) },
  { width: 11, rank: 2, text: eta },
];

/** Lays rows out in a number of columns, one line each, never wider. What does not fit is left out. */
export function layOutRows(rows: readonly ProgressRow[], columns: number, glyphs: BarGlyphs): string[] {
  let shown = figures;
  const rest = (): number => columns - shown.reduce((sum, { width }) => sum + width + 1, 0);
  while (shown.length > 0 && rest() < MIN_LABEL + 1 + MIN_BAR) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank < last);
  }
  const longest = Math.max(0, ...rows.map((row) => textWidth(row.label)));
  const label = Math.min(columns, longest, Math.max(MIN_LABEL, Math.floor(rest() * 0.6)));
  const bar = Math.min(MAX_BAR, rest() - label - 1);
  return rows.map((row) => {
    const name = padEnd(fitMiddle(row.label, label, glyphs.ellipsis), label);
    if (row.note !== undefined) return fitMiddle(`${name} ${row.note}`, columns, glyphs.ellipsis);
    const parts = shown.map(({ width, text }) => text(row).padStart(width));
    return [name, ...(bar >= MIN_BAR ? [drawBar(row, bar, glyphs)] : []), ...parts].join(" ").trimEnd();
  });
}

function drawBar(row: ProgressRow, width: number, glyphs: BarGlyphs): string {
  const filled = Math.floor(share(row) * width);
  return glyphs.full.repeat(filled) + glyphs.empty.repeat(width - filled);
}

function percent(row: ProgressRow): string {
  return row.totalBytes === undefined ? "" : `${Math.floor(share(row) * 100)}%`;
}

function eta({ etaMs }: ProgressRow): string {
  return etaMs === undefined || etaMs > MAX_ETA_MS ? "" : `eta ${formatClock(etaMs)}`;
}

function sizes(row: ProgressRow): string {
  const received = formatBytes(row.receivedBytes);
  if (row.totalBytes === undefined) return received;
  const total = formatBytes(row.totalBytes);
  const sameUnit = received.split(" ")[1] === total.split(" ")[1];
  return `${sameUnit ? received.split(" ")[0] : received}/${total}`;
}

function share(row: ProgressRow): number {
  if (row.totalBytes === undefined) return 0;
  return row.totalBytes === 0 ? 1 : Math.min(1, row.receivedBytes / row.totalBytes);
}
