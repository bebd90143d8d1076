import type { FleetSelection } from "@carrel/fleet";
import { formatBytes, formatCount, formatDuration } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import { notFoundError, usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { findDatabase } from "./database.ts";
import { openDesk } from "./desk.ts";
import { historyJson } from "./status-json.ts";

interface JsonFlag {
  readonly json?: boolean;
}

/** `carrel fleet sync`. */
export async function runSync(mirrors: readonly string[], { json = false }: JsonFlag, run: Run): Promise<void> {
  await using desk = await openDesk(await findDatabase(run.io.env), run);
  const begun = await desk.sync(mirrors.length > 0 ? mirrors : undefined);
  const { workers } = await desk.status();
  const wanted = mirrors.length > 0 ? [...new Set(mirrors)] : begun;
  for (const mirror of wanted) {
    const isNew = begun.includes(mirror);
    if (json) run.screen.printJson({ type: isNew ? "requested" : "skipped", mirror });
    else run.screen.print(isNew ? `requested: ${mirror}` : `waits for it already: ${mirror}`);
  }
  if (wanted.length === 0 && !json) run.screen.print("All mirrors wait for it already.");
  if (workers.length === 0) run.screen.remark("No worker runs, which would do it: carrel fleet run");
}

/** `carrel fleet cancel`. */
export async function runCancel(texts: readonly string[], { json = false }: JsonFlag, run: Run): Promise<void> {
  const selections = texts.map(readSelection);
  await using desk = await openDesk(await findDatabase(run.io.env), run);
  for (const [index, selection] of selections.entries()) {
    const items = await desk.cancel(selection);
    const what = texts[index] ?? "";
    if (items === 0) throw notFoundError(`Nothing of "${printable(what)}" waits or is at work`, listHint);
    if (json) run.screen.printJson({ type: "cancelled", ...selection, items });
    else run.screen.print(`cancelled: ${what} (${formatCount(items, "item")})`);
  }
}

/** `carrel fleet retry`. */
export async function runRetry(texts: readonly string[], { json = false }: JsonFlag, run: Run): Promise<void> {
  const selections = texts.length > 0 ? texts.map(readSelection) : [{}];
  await using desk = await openDesk(await findDatabase(run.io.env), run);
  for (const [index, selection] of selections.entries()) {
    const items = await desk.retry(selection);
    const what = texts[index];
    if (items === 0 && what !== undefined) {
      throw notFoundError(`Nothing of "${printable(what)}" has failed`, listHint);
    }
    if (json) run.screen.printJson({ type: "requested", ...selection, items });
    else run.screen.print(what === undefined ? `requested: ${formatCount(items, "item")}` : `requested: ${what}`);
  }
}

/** `carrel fleet history`. */
export async function runHistory(text: string, { json = false }: JsonFlag, run: Run): Promise<void> {
  const selection = readSelection(text);
  await using desk = await openDesk(await findDatabase(run.io.env), run);
  const entries = await desk.history(selection);
  if (entries.length === 0) throw notFoundError(`Nothing is known of "${printable(text)}"`, listHint);
  for (const entry of entries) {
    if (json) {
      run.screen.printJson(historyJson(entry));
      continue;
    }
    const { createdAt, startedAt, endedAt, state, attempts, worker, receivedBytes, error, mirror, item } = entry;
    const facts = [
      attempts > 1 ? `${attempts} tries` : "",
      startedAt !== undefined && endedAt !== undefined ? formatDuration(Math.max(0, endedAt - startedAt)) : "",
      receivedBytes === undefined ? "" : formatBytes(receivedBytes),
      worker ?? "",
    ].filter((fact) => fact !== "");
    const about = facts.length > 0 ? `  ${facts.join(", ")}` : "";
    const why = error === undefined ? "" : `: ${error.message}`;
    const when = new Date(startedAt ?? createdAt).toISOString();
    const line = `${when}  ${state.padEnd(9)}  ${mirror}/${item}${about}${why}`;
    for (const part of run.screen.fit(printable(line), " ".repeat(4))) run.screen.print(part);
  }
}

const listHint = "To see what there is: carrel fleet status";

/** Reads MIRROR or MIRROR/ITEM. Names of mirrors have no slash; those of items may. */
function readSelection(text: string): FleetSelection {
  const [, mirror = "", item] = /^([^/]*)(?:\/(.*))?$/su.exec(text) ?? [];
  if (mirror === "" || item === "") throw usageError(`"${printable(text)}" is neither MIRROR nor MIRROR/ITEM`);
  return item === undefined ? { mirror } : { mirror, item };
}
