import { formatBytes, formatClock, formatRate } from "./format.ts";
import { fitMiddle, padEnd, textWidth } from "./text-width.ts";

/** One line with a bar. Sizes in bytes. */
export interface ProgressRow {
  readonly label: string;
  readonly receivedBytes: number;
  /** Absent while the size is unknown. */
  readonly totalBytes?: number | undefined;
  /** Shown with the time that is left. */
  readonly bytesPerSecond?: number | undefined;
  /** Shown in place of the figures. */
  readonly note?: string | undefined;
}

/** Characters that a bar is made of. */
export interface BarGlyphs {
  readonly full: string;
  readonly empty: string;
  readonly ellipsis: string;
}

// A terminal that is made narrower wraps rows that are too long for it, below the cursor, which is on the first row. Few
// terminals keep track of that, and rows that do not fit any more end up in the history. So rows stay short, however wide the
// terminal is.
const maxFirst = 79;
const maxOthers = 54;
const minLabel = 12;
const minBar = 8;
const maxBar = 30;
const maxEtaMs = 9 * 3600 * 1000;

interface Figure {
  /** Fixed, so that nothing moves from one frame to the next. */
  readonly width: number;
  /** The figure of rank 0 is left out last. */
  readonly rank: number;
  readonly text: (row: ProgressRow) => string;
}

const percentage: Figure = { width: 4, rank: 0, text: percent };
const rates: readonly Figure[] = [
  { width: 12, rank: 1, text: rate },
  { width: 11, rank: 2, text: eta },
];
const figures: readonly Figure[] = [percentage, { width: 21, rank: 3, text: sizes }, ...rates];

/**
 * Lays out rows for a terminal, one line each, always narrower than the terminal. The first row shows all figures that there
 * is room for; the others show no sizes.
 */
export function layOutRows(rows: readonly ProgressRow[], columns: number, glyphs: BarGlyphs): string[] {
  const [first, others] = [rows.slice(0, 1), rows.slice(1)];
  return [
    // One column stays free: a full last column wraps on some terminals.
    ...layOut(first, Math.min(maxFirst, columns - 1), figures, glyphs),
    ...layOut(others, Math.min(maxOthers, columns - 1), [percentage, ...rates], glyphs),
  ];
}

function layOut(
  rows: readonly ProgressRow[],
  columns: number,
  candidates: readonly Figure[],
  glyphs: BarGlyphs,
): string[] {
  let shown = candidates;
  const rest = (): number => columns - shown.reduce((sum, { width }) => sum + width + 1, 0);
  // The percentage is left out after the bar.
  while (shown.length > 0 && rest() < (shown.length > 1 ? minLabel + 1 + minBar : minLabel)) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank < last);
  }
  const longest = Math.max(0, ...rows.map((row) => textWidth(row.label)));
  const label = Math.min(rest(), longest, Math.max(minLabel, rest() - 1 - minBar));
  const bar = Math.min(maxBar, rest() - label - 1);
  return rows.map((row) => {
    const name = padEnd(fitMiddle(row.label, label, glyphs.ellipsis), label);
    if (row.note !== undefined) return fitMiddle(`${name} ${row.note}`, columns, glyphs.ellipsis);
    const parts = shown.map(({ width, text }) => text(row).padStart(width));
    return [name, ...(bar >= minBar ? [drawBar(row, bar, glyphs)] : []), ...parts].join(" ").trimEnd();
  });
}

function drawBar(row: ProgressRow, width: number, glyphs: BarGlyphs): string {
  const filled = Math.floor(share(row) * width);
  return glyphs.full.repeat(filled) + glyphs.empty.repeat(width - filled);
}

function percent(row: ProgressRow): string {
  return row.totalBytes === undefined ? "" : `${Math.floor(share(row) * 100)}%`;
}

function rate({ bytesPerSecond }: ProgressRow): string {
  return bytesPerSecond === undefined ? "" : formatRate(bytesPerSecond);
}

function eta({ receivedBytes, totalBytes, bytesPerSecond }: ProgressRow): string {
  if (totalBytes === undefined || !bytesPerSecond) return "";
  const ms = (Math.max(0, totalBytes - receivedBytes) / bytesPerSecond) * 1000;
  return ms > maxEtaMs ? "" : `eta ${formatClock(ms)}`;
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
