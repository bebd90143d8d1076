import type { CarrelClient, LibraryModel } from "@carrel/core";
import { isNotFound } from "@carrel/core/kit";
import { syncItem } from "@carrel/node-stream";
import { collect, concurrently } from "../../concurrently.ts";
import { openConnection } from "../../connection/connect.ts";
import { Catalog, noneMatches } from "../../names/catalog.ts";
import type { FoundItem } from "../../names/catalog.ts";
import { isItemPattern, parseLibraryPattern, pathOf } from "../../names/parse-target.ts";
import type { LibraryPattern } from "../../names/parse-target.ts";
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
  const paths = texts.map(readPath);
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

function readPath(text: string): LibraryPattern {
  const path = parseLibraryPattern(text);
  if (path.file === undefined) return path;
  throw usageError(`"${text}" is a file`, "Items are synchronized as a whole: write LIBRARY/ITEM.");
}

/** Of libraries that a glob means, those are left out that have no publisher. */
async function syncPath(
  client: CarrelClient,
  path: LibraryPattern,
  patience: WaitOptions,
  { flags, run }: Pick<SyncTask, "flags" | "run">,
): Promise<ExitCode> {
  const catalog = new Catalog(client, { signal: run.signal });
  const found = await catalog.libraries(path.library);
  const models = await Promise.all(found.map(({ id }) => catalog.libraryModel(id)));
  const subscribed = models.filter(({ type = "SUBSCRIBED" }) => type === "SUBSCRIBED");
  if (subscribed.length === 0) throw notSubscribed(path.library, models);
  const tasks = subscribed.map((model): [SyncTask, LibraryModel] => [
    { client, library: { id: model.id, name: model.name ?? path.library }, patience, flags, run },
    model,
  ]);
  if (isItemPattern(path)) {
    const items: FoundItem[] = [];
    for (const [{ library }] of tasks) {
      const options = { asSpelled: true, mayLack: tasks.length > 1 };
      items.push(...(await collect(catalog.itemsMeant(library, path.item, options))));
    }
    if (items.length === 0) throw noneMatches(path);
    return await syncItems({ client, patience, flags, run }, items);
  }
  for (const [task, model] of tasks) {
    await syncLibrary(task, model.last_sync_time);
    if (model.subscription_info?.on_demand !== true || flags.json === true) continue;
    run.screen.note(
      `The library is on-demand: content was not fetched. To fetch it: carrel sync "${pathOf([task.library.name, "*"])}"`,
    );
  }
  return exitCodes.done;
}

function notSubscribed(wanted: string, [only, ...others]: readonly LibraryModel[]): Error {
  const hint = "Its content is managed at this vCenter, so there is nothing to synchronize.";
  if (others.length > 0) return usageError(`No library that matches "${printable(wanted)}" is subscribed`, hint);
  return usageError(`"${printable(only?.name ?? wanted)}" is not a subscribed library`, hint);
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
async function syncItems(task: Omit<SyncTask, "library">, items: readonly FoundItem[]): Promise<ExitCode> {
  const { flags, run } = task;
  const { signal } = run;
  const failures = new ItemFailures(run.screen, { json: flags.json ?? false });
  let left = items.length;
  using _ = showWaiting(run, () => `for ${left} of ${items.length} items`);
  const sync = async (item: FoundItem): Promise<void> => {
    try {
      await syncOne({ ...task, library: item.library }, item);
    } catch (error) {
      signal.throwIfAborted();
      if (concernsAll(error)) throw error;
      failures.add({ id: item.id, name: item.name, error: isNotFound(error) ? deletedMeanwhile() : error });
    } finally {
      left -= 1;
    }
  };
  await collect(concurrently(items, itemsAtOnce, sync));
  return failures.exitCode;
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

function tell({ flags, run }: Pick<SyncTask, "flags" | "run">, event: object, line: string): void {
  if (flags.json) run.screen.printJson(event);
  else run.screen.print(line);
}

function deletedMeanwhile(): Error {
  return notFoundError("The item was deleted meanwhile: the publisher may have removed it");
}

function showWaiting({ screen }: Run, what: () => string): Disposable {
  return screen.showBars(() => [{ label: "Waiting:", receivedBytes: 0, note: what() }]);
}
