import { formatBytes, formatClock, formatPart, formatRate } from "./format.ts";
import { fitApart } from "./fit-apart.ts";
import { fitMiddle, padEnd, textWidth } from "./text-width.ts";

/** One line with a bar. Sizes in bytes. */
export interface ProgressRow {
  readonly label: string;
  readonly receivedBytes: number;
  /** Absent while the size is unknown. */
  readonly totalBytes?: number | undefined;
  /** Shown with the time that is left. */
  readonly bytesPerSecond?: number | undefined;
  /** Shown in place of rate and time: several texts, the longest first, of which the first one that fits is shown. */
  readonly state?: readonly string[] | undefined;
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
const sizeFigure: Figure = { width: 21, rank: 3, text: sizes };
const figures: readonly Figure[] = [percentage, sizeFigure, ...rates];
/** For terminals where the others do not fit beside a name and a bar: `43% 16.6M/s 0:09`. */
const shortFigures: readonly Figure[] = [
  percentage,
  { width: 8, rank: 1, text: (row) => rate(row).replace(/ (?:([KMGTP])i)?B\/s$/u, "$1/s") },
  { width: 7, rank: 2, text: (row) => eta(row).replace("eta ", "") },
];

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
  const restOf = (shown: readonly Figure[]): number => columns - shown.reduce((sum, { width }) => sum + width + 1, 0);
  const isRoomy = (shown: readonly Figure[]): boolean => restOf(shown) >= minLabel + 1 + minBar;
  let shown = isRoomy(candidates) ? candidates : candidates.filter((figure) => figure !== sizeFigure);
  if (!isRoomy(shown)) shown = shortFigures;
  // Figures say more than the bar, which is left out before them.
  while (shown.length > 0 && restOf(shown) < minLabel) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank < last);
  }
  const rest = restOf(shown);
  const longest = Math.max(0, ...rows.map((row) => textWidth(row.label)));
  const label = Math.min(rest, longest, isRoomy(shown) ? rest - 1 - minBar : rest);
  const bar = isRoomy(shown) ? Math.min(maxBar, rest - label - 1) : 0;
  const names = fitApart(
    rows.map((row) => row.label),
    label,
    glyphs.ellipsis,
  );
  return rows.map((row, index) => {
    const name = padEnd(names[index] ?? "", label);
    if (row.note !== undefined) return fitMiddle(`${name} ${row.note}`, columns, glyphs.ellipsis);
    const parts = figureTexts(row, shown);
    const drawn = row.totalBytes === undefined ? unknownBar(row, bar, shown) : drawBar(row, bar, glyphs);
    return [name, ...(bar >= minBar ? [drawn] : []), ...parts].join(" ").trimEnd();
  });
}

/** What a state takes the place of. */
const isOfRate = ({ rank }: Figure): boolean => rank === 1 || rank === 2;

function figureTexts(row: ProgressRow, shown: readonly Figure[]): readonly string[] {
  const { state } = row;
  if (state === undefined) return shown.map(({ width, text }) => text(row).padStart(width));
  const replaced = shown.filter(isOfRate);
  const room = replaced.reduce((sum, { width }) => sum + width + 1, -1);
  const text = state.find((each) => each.length <= room) ?? "";
  return [
    ...shown.filter((figure) => !isOfRate(figure)).map((figure) => figure.text(row).padStart(figure.width)),
    ...(replaced.length > 0 ? [text.padStart(room)] : []),
  ];
}

/** An empty bar would look like 0 %: the bytes take its place, unless they are among the figures. */
function unknownBar({ receivedBytes }: ProgressRow, width: number, shown: readonly Figure[]): string {
  const text = shown.includes(sizeFigure) ? "" : formatBytes(receivedBytes);
  return (text.length > width ? "" : text).padEnd(width);
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
  return formatPart(row).replace(" of ", "/");
}

function share(row: ProgressRow): number {
  if (row.totalBytes === undefined) return 0;
  return row.totalBytes === 0 ? 1 : Math.min(1, row.receivedBytes / row.totalBytes);
}
