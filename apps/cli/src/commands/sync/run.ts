import type { CarrelClient } from "@carrel/core";
import { isNotFound } from "@carrel/core/kit";
import { syncItem } from "@carrel/node-stream";
import { matchesName } from "@carrel/node-stream/fs";
import { collect, concurrently } from "../../concurrently.ts";
import { openConnection } from "../../connection/connect.ts";
import { eachItem } from "../../names/existing.ts";
import { isGlob, parsePath, pathOf } from "../../names/parse-target.ts";
import { resolveItem, resolveLibrary } from "../../names/resolve-name.ts";
import type { Resolved } from "../../names/resolve-name.ts";
import { printable } from "../../output/printable.ts";
import { notFoundError, usageError, exitCodes } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { concernsAll, ItemFailures } from "../../run/item-failures.ts";
import type { Run } from "../../run/run-command.ts";
import { parseSeconds } from "../../settings/parse-values.ts";
import type { SyncFlags } from "./command.ts";
import { untilSynchronized } from "./wait.ts";
import type { WaitOptions } from "./wait.ts";

/** Items that are waited for at once: a vCenter fetches five at once, unless it is configured otherwise. */
const itemsAtOnce = 5;
const defaultTimeout = "3600";

interface SyncTask {
  readonly client: CarrelClient;
  readonly library: Resolved;
  readonly patience: WaitOptions;
  readonly flags: SyncFlags;
  readonly run: Run;
}

/** `carrel sync`. */
export async function runSync(texts: readonly string[], flags: SyncFlags, run: Run): Promise<ExitCode> {
  const paths = texts.map((text) => {
    const { library, item } = parsePath(text);
    if (library === undefined) throw usageError("No library given", "Give LIBRARY, or LIBRARY/ITEM.");
    return { library, item };
  });
  const timeoutMs = parseSeconds(flags.timeout ?? defaultTimeout, "--timeout");
  await using connection = await openConnection(flags, run);
  const patience = { timeoutMs, signal: run.signal };
  let exitCode: ExitCode = exitCodes.done;
  for (const path of paths) {
    const code = await syncPath(connection.client, path, patience, { flags, run });
    if (exitCode === exitCodes.done) exitCode = code;
  }
  return exitCode;
}

async function syncPath(
  client: CarrelClient,
  { library: wanted, item }: { readonly library: string; readonly item: string | undefined },
  patience: WaitOptions,
  { flags, run }: Pick<SyncTask, "flags" | "run">,
): Promise<ExitCode> {
  const { signal } = run;
  const library = await resolveLibrary(client, wanted, signal);
  const { type, name = library.name, ...model } = await client.library.get(library.id, { signal });
  if (type !== undefined && type !== "SUBSCRIBED") {
    throw usageError(
      `"${printable(name)}" is not a subscribed library`,
      "Its content is managed at this vCenter, so there is nothing to synchronize.",
    );
  }
  const task: SyncTask = { client, library: { id: library.id, name }, patience, flags, run };
  if (item !== undefined) return await syncItems(task, item);
  await syncLibrary(task, model.last_sync_time);
  if (model.subscription_info?.on_demand === true && flags.json !== true) {
    run.screen.note(
      `The library is on-demand: content was not fetched. To fetch it: carrel sync "${pathOf([name, "*"])}"`,
    );
  }
  return exitCodes.done;
}

async function syncLibrary(task: SyncTask, before: string | undefined): Promise<void> {
  const { client, library, patience, flags, run } = task;
  await client.subscribedLibrary.sync(library.id, { signal: run.signal });
  const members = { library: library.name, libraryId: library.id };
  if (!flags.wait) return tell(task, { type: "requested", ...members }, `requested: ${library.name}`);
  using _ = showWaiting(run, () => `for library "${printable(library.name)}"`);
  await untilSynchronized(client, library, before, patience);
  tell(task, { type: "synchronized", ...members }, `synchronized: ${library.name}`);
}

/** Items whose content is there already are left alone: the library's own synchronization finds out what is new. */
async function syncItems(task: SyncTask, wanted: string): Promise<ExitCode> {
  const { flags, run } = task;
  const { signal } = run;
  const items = await itemsOf(task, wanted);
  const failures = new ItemFailures(run.screen, { json: flags.json ?? false });
  let left = items.length;
  using _ = showWaiting(run, () => `for ${left} of ${items.length} items`);
  const sync = async (item: Resolved): Promise<void> => {
    try {
      await syncOne(task, item);
    } catch (error) {
      signal.throwIfAborted();
      if (concernsAll(error)) throw error;
      failures.add({ ...item, error: isNotFound(error) ? deletedMeanwhile() : error });
    } finally {
      left -= 1;
    }
  };
  await collect(concurrently(items, itemsAtOnce, sync));
  return failures.exitCode;
}

async function itemsOf({ client, library, run }: SyncTask, wanted: string): Promise<readonly Resolved[]> {
  const { signal } = run;
  const named = isGlob(wanted)
    ? await client.item.find({ name: wanted, library_id: library.id }, { signal })
    : [wanted];
  if (named.length > 0) return [await resolveItem(client, library, wanted, { signal, asSpelled: true })];
  const matching: Resolved[] = [];
  for await (const { id, name = id } of eachItem(client, library.id, { signal })) {
    if (matchesName(name, wanted)) matching.push({ id, name });
  }
  if (matching.length > 0) return matching;
  throw notFoundError(
    `No item of library "${printable(library.name)}" matches "${wanted}"`,
    `List what exists: carrel ls "${printable(library.name)}"`,
  );
}

async function syncOne(task: SyncTask, { id, name }: Resolved): Promise<void> {
  const { client, library, patience, flags } = task;
  const { signal } = patience;
  const members = { item: name, itemId: id, library: library.name, libraryId: library.id };
  const cached = (): void => tell(task, { type: "skipped", ...members, cached: true }, `already cached: ${name}`);
  if (flags.wait) {
    if (!(await syncItem(client, id, patience))) return cached();
    return tell(task, { type: "synchronized", ...members, cached: true }, `synchronized: ${name}`);
  }
  if ((await client.item.get(id, { signal })).cached !== false) return cached();
  await client.subscribedItem.sync(id, { force_sync_content: true }, { signal });
  return tell(task, { type: "requested", ...members }, `requested: ${name}`);
}

function tell({ flags, run }: SyncTask, event: object, line: string): void {
  if (flags.json) run.screen.printJson(event);
  else run.screen.print(line);
}

function deletedMeanwhile(): Error {
  return notFoundError("The item was deleted meanwhile: the publisher may have removed it");
}

function showWaiting({ screen }: Run, what: () => string): Disposable {
  return screen.showBars(() => [{ label: "Waiting:", receivedBytes: 0, note: what() }]);
}
