import type { FleetStatus } from "@carrel/fleet";
import { systemClock } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import { drawLines, eraseLines } from "../../output/screen.ts";
import { barGlyphs, columnsOf } from "../../output/terminal.ts";
import { usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { findDatabase } from "./database.ts";
import { openDesk } from "./desk.ts";
import type { FleetDesk } from "./desk.ts";
import { statusJson } from "./status-json.ts";
import { rateKey, statusLines } from "./status-view.ts";

/** Flags of `carrel fleet status`. */
export interface StatusFlags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

const pauseMs = 2_000;

/** `carrel fleet status`. */
export async function runStatus({ watch = false, json = false }: StatusFlags, run: Run): Promise<void> {
  if (watch && !json && !run.io.stdout.isTTY) {
    throw usageError("--watch needs a terminal", "For programs, a line of JSON every two seconds: --watch --json");
  }
  await using desk = await openDesk(await findDatabase(run.io.env), run);
  if (!watch) return show(await desk.status(), json, run);
  if (json) await repeat(desk, (status) => show(status, json, run), run);
  else await watchHere(desk, run);
}

function show(status: FleetStatus, json: boolean, run: Run): void {
  if (json) run.screen.printJson(statusJson(status));
  else for (const line of linesFor(status, run)) run.screen.print(line);
}

async function watchHere(desk: FleetDesk, run: Run): Promise<void> {
  const { stdout } = run.io;
  const arrived = new Map<string, Arrival>();
  let last: FleetStatus | undefined;
  let rates: ReadonlyMap<string, number> = new Map();
  const draw = (): void => {
    if (last !== undefined) stdout.write(drawLines(cut(linesFor(last, run, rates), (stdout.rows || 24) - 1)));
  };
  stdout.on("resize", draw);
  try {
    await repeat(
      desk,
      (status) => {
        rates = follow(status, arrived);
        last = status;
        draw();
      },
      run,
    );
  } finally {
    stdout.off("resize", draw);
    stdout.write(eraseLines);
    if (last !== undefined) show(last, false, run);
  }
}

/** Until Ctrl-C. */
async function repeat(desk: FleetDesk, shown: (status: FleetStatus) => void, { io, signal }: Run): Promise<void> {
  while (!signal.aborted) {
    shown(await desk.status());
    await sleep(io.clock ?? systemClock, pauseMs, signal).catch(() => undefined);
  }
}

interface Arrival {
  readonly bytes: number;
  readonly atMs: number;
}

/** Computes how fast items arrive, from one look to the next. */
function follow({ atWork }: FleetStatus, arrived: Map<string, Arrival>): ReadonlyMap<string, number> {
  const atMs = performance.now();
  const rates = new Map<string, number>();
  const before = new Map(arrived);
  arrived.clear();
  for (const item of atWork) {
    const key = rateKey(item);
    const known = before.get(key);
    arrived.set(key, { bytes: item.bytes, atMs });
    if (known !== undefined && item.bytes > known.bytes) {
      rates.set(key, ((item.bytes - known.bytes) * 1000) / (atMs - known.atMs));
    }
  }
  return rates;
}

function linesFor(status: FleetStatus, { io, screen }: Run, rates?: ReadonlyMap<string, number>): readonly string[] {
  const columns = columnsOf(io.stdout, io.env);
  const heading = (text: string): string => screen.paint("bold", text);
  return statusLines(status, {
    columns,
    glyphs: barGlyphs(io.env),
    nowMs: Date.now(),
    heading,
    ...(rates !== undefined && { rates }),
  });
}

/** What is drawn again and again must not be longer than the terminal. */
function cut(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, Math.max(1, rows - 1)), `and ${lines.length - rows + 1} more lines`];
}
