import type { CarrelClient } from "@carrel/core";
import { defined, isNotFound } from "@carrel/core/kit";
import { confirm } from "../../run/ask.ts";
import { listSessions } from "./list-sessions.ts";
import type { SessionEntry } from "./list-sessions.ts";
import { collect } from "../../concurrently.ts";
import type { ItemPath } from "../../names/parse-target.ts";
import { resolveItem, resolveLibrary } from "../../names/resolve-name.ts";
import { formatCount } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import { showStatus } from "../../output/status.ts";
import type { Run } from "../../run/run-command.ts";
import { eachSession } from "./each-session.ts";

/** Which sessions `carrel sessions prune` deletes. */
export interface PruneOptions {
  /** Also ACTIVE ones of which no file was ever requested. */
  readonly idle: boolean;
  /** Also all other ACTIVE ones. */
  readonly all: boolean;
  /** Only those of this item. */
  readonly item: ItemPath | undefined;
  /** Do not ask. */
  readonly yes: boolean;
  readonly json: boolean;
}

/**
 * Deletes download sessions that nobody needs any more, after a question. Whether an ACTIVE session is in use cannot be
 * known: a server reports when it expires, and reading it may put that off.
 */
export async function pruneSessions(client: CarrelClient, options: PruneOptions, run: Run): Promise<void> {
  const { screen, signal } = run;
  const found = await look(client, options, run);
  const chosen = found.filter((session) => isChosen(session, options));
  const left = found.length - chosen.length;
  const kept =
    left === 0
      ? ""
      : ` ${formatCount(left, "ACTIVE session")} ${left === 1 ? "was" : "were"} left alone: see --idle and --all.`;
  const say = (line: string): void => (options.json ? screen.note(line) : screen.print(line));
  const end = (deleted: number, gone: number): void => {
    if (options.json) return screen.printJson({ type: "summary", deleted, gone, leftAlone: left });
    if (chosen.length === 0) return screen.print(`Nothing to delete.${kept}`);
    const others = gone === 0 ? "" : ` ${formatCount(gone, "session")} no longer existed.`;
    screen.print(`${formatCount(deleted, "session")} deleted.${others}${kept}`);
  };
  if (chosen.length === 0) return end(0, 0);
  if (!options.json || !options.yes) {
    for (const { id, state, itemName: item } of chosen) say(printable(`${state ?? "?"}  ${item ?? "?"}  ${id}`));
  }
  if (!options.yes && !(await confirm(question(chosen, options), "--yes", run))) return say("Nothing was deleted.");

  let deleted = 0;
  let gone = 0;
  const byId = new Map(chosen.map((session) => [session.id, session]));
  const act = async (id: string): Promise<void> => {
    try {
      await client.downloadSession.delete(id, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      gone += 1;
      return;
    }
    deleted += 1;
    const { state, itemName: item, library_item_id: itemId } = byId.get(id) ?? {};
    if (options.json) screen.printJson({ type: "deleted", sessionId: id, ...defined({ state, item, itemId }) });
  };
  try {
    await eachSession([...byId.keys()], { done: "deleted", json: options.json, act }, run);
  } finally {
    if (!signal.aborted) end(deleted, gone);
  }
}

async function look(client: CarrelClient, { item, json }: PruneOptions, run: Run): Promise<readonly SessionEntry[]> {
  const { screen, signal } = run;
  const itemId = item && (await itemIdOf(client, item, signal));
  const listing = listSessions(client, { signal, ...defined({ itemId }) });
  using _ = json ? undefined : showStatus(screen, () => listing.progress?.());
  return await collect(listing.rows);
}

async function itemIdOf(client: CarrelClient, { library, item }: ItemPath, signal: AbortSignal): Promise<string> {
  return (await resolveItem(client, await resolveLibrary(client, library, signal), item, { signal })).id;
}

function isChosen({ state, files }: SessionEntry, { idle, all }: PruneOptions): boolean {
  if (all || state !== "ACTIVE") return true;
  // No files at all: the server did not list them.
  return idle && files.length > 0 && files.every(({ status }) => status === "UNPREPARED");
}

function question(chosen: readonly SessionEntry[], { all }: PruneOptions): string {
  const active = chosen.filter(({ state }) => state === "ACTIVE").length;
  const what = `Delete ${formatCount(chosen.length, "session")}?`;
  return all && active > 0 ? `Downloads that use the ${active} ACTIVE of them will fail. ${what}` : what;
}
