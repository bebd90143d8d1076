import { join } from "node:path";
import type { DownloadReport } from "@carrel/node-stream";
import { nameKey, nameProblem } from "@carrel/node-stream/fs";
import { defined } from "@carrel/core/kit";
import { showOutages } from "../../output/outages.ts";
import { printable } from "../../output/printable.ts";
import { usageError } from "../../process/cli-error.ts";
import { ChecksumFile } from "./checksum-file.ts";
import { chooseFiles, onlyFile } from "../../names/choose-files.ts";
import type { ChosenFiles } from "../../names/choose-files.ts";
import { dryRun } from "./dry-run.ts";
import { getItems } from "./get-items.ts";
import { selectItems } from "../../names/select-items.ts";
import type { SelectedItem } from "../../names/select-items.ts";
import { toStdout } from "../../content/to-stdout.ts";
import { withContextValues } from "../../settings/context-values.ts";
import type { ContextValues } from "../../settings/context-values.ts";
import { readRetryFor } from "../../settings/retry-for.ts";
import { readDownloadSettings } from "../../settings/transfer-settings.ts";
import { Count, showStatus } from "../../output/status.ts";
import { Catalog } from "../../names/catalog.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { readPublishedTargets, refuseSync } from "../../names/library-url.ts";
import type { PublishedTargets } from "../../names/library-url.ts";
import { isItemPattern, parseLibraryPattern, pathIn } from "../../names/parse-target.ts";
import { formatCount } from "../../output/format.ts";
import type { LibraryPattern } from "../../names/parse-target.ts";
import { openServer, resolvedPatterns } from "../../connection/open-server.ts";
import { openStore } from "../../connection/open-store.ts";
import type { OpenStore } from "../../connection/open-store.ts";
import { refuseStoreFlags } from "../../settings/store-settings.ts";
import { isStore, joinPlace, parentPlace, resolvePlace } from "../../output/place-path.ts";
import { ShownNames } from "../../run/remember-names.ts";
import { callPatiently } from "../../connection/patient-calls.ts";
import type { Run } from "../../run/run-command.ts";
import type { GetFlags } from "./command.ts";
import { wordOf } from "../../settings/shell-syntax.ts";

/** `carrel get`. */
export async function runGet(targets: readonly string[], given: GetFlags, run: Run): Promise<void> {
  const published = readPublishedTargets(targets);
  // What a context says is meant for a vCenter.
  const flags: GetFlags & ContextValues = published ? given : await withContextValues(given, run.io.env);
  const { signal } = run;
  const { json = false } = flags;
  const asked = published?.patterns ?? targets.map(parseLibraryPattern);
  if (published !== undefined) refuseSync(flags);
  const { clock } = run.io;
  const retryForMs = readRetryFor(flags, run.io);
  const transfer = { ...readDownloadSettings(flags, flags.existing), ...defined({ retryForMs, clock }) };
  if (flags.existing === "skip" && transfer.requireVerified) {
    throw usageError("Cannot combine --existing skip with --require-verified: what exists is not read");
  }
  const pipe = flags.output === "-";
  if (pipe && (json || flags.checksum)) throw usageError("Cannot combine -o - with --json or --checksum");
  const { unpackOva = false } = flags;
  if (unpackOva && (pipe || flags.dryRun === true)) {
    throw usageError(
      `Cannot combine --unpack-ova with ${pipe ? "-o -" : "--dry-run"}`,
      pipe
        ? "A file in an archive: carrel cat LIBRARY/ITEM/x.ova/FILE"
        : "What is in an archive: carrel ls LIBRARY/ITEM/x.ova",
    );
  }
  const store = await openTarget(flags, published, run);
  await using connection = await openServer(published, flags, run);
  const client: CatalogClient = connection.client;
  const patterns = resolvedPatterns(asked, connection);
  const outages = showOutages(run.screen, { server: client.origin, json, clock });
  const patient = { retryForMs, clock, outages, signal };
  const selected = await callPatiently(connection, () => select(client, patterns, run), patient);
  const onlyPlan = flags.dryRun === true;
  const { checksum } = flags;
  const isAsked = ({ fileGlobs }: SelectedItem): boolean =>
    onlyPlan || pipe || checksum !== undefined || fileGlobs !== undefined;
  const narrowed = selected.filter(isAsked);
  const chosen = await callPatiently(connection, () => chooseFiles(client, narrowed, signal), patient);
  const dryOptions = { json, transfer, record: flags.record, store };
  if (pipe) {
    const one = onlyFile(chosen);
    if (onlyPlan) return await dryRun(connection, chosen, "stdout", dryOptions, run);
    return await toStdout(connection, one, { transfer, outages }, run);
  }

  const items = selected.filter((item) => chosen.has(item) || !narrowed.includes(item));
  const directories = directoriesFor(items, flags.output, flags.directory);
  if (onlyPlan) {
    await store?.assertUsable();
    return await dryRun(connection, chosen, directories, dryOptions, run);
  }
  const sums = checksum === undefined ? undefined : await openChecksums(checksum, { directories, chosen, store });
  const onArrived = async (reports: readonly DownloadReport[]): Promise<void> => sums?.write(reports, signal);
  return await getItems(
    connection,
    { directories, store, transfer, record: flags.record, unpackOva, json, outages, onArrived },
    run,
  );
}

/** Opens the store that the files go to, if it is one. */
async function openTarget(
  flags: GetFlags & { readonly directory?: string },
  published: PublishedTargets | undefined,
  run: Run,
): Promise<OpenStore | undefined> {
  const place = flags.output ?? flags.directory;
  if (place === undefined || !isStore(place)) {
    if (published === undefined || !isStore(published.address)) refuseStoreFlags(flags);
    return undefined;
  }
  return openStore(place, flags, run);
}

interface Targets {
  readonly directories: ReadonlyMap<SelectedItem, string>;
  readonly chosen: ChosenFiles;
  readonly store: OpenStore | undefined;
}

/** Opens the file for `--checksum`. Of a store, names in it are relative to what all objects are below. */
async function openChecksums(name: string, { directories, chosen, store }: Targets): Promise<ChecksumFile> {
  if (isStore(name))
    throw usageError("--checksum is a file on this machine, and not an object", "--checksum SHA256SUMS");
  if (store === undefined) return await ChecksumFile.open(name, pathsOf(chosen, directories));
  const places = [...directories.values()].map((place) => resolvePlace(place));
  const root = places.length === 1 ? (places[0] ?? "") : parentPlace(places[0] ?? "");
  return await ChecksumFile.open(name, [], { root, store });
}

async function select(
  client: CatalogClient,
  patterns: readonly LibraryPattern[],
  run: Run,
): Promise<readonly SelectedItem[]> {
  const { signal } = run;
  const count = new Count("item");
  using _ = showStatus(run.screen, () => count.text);
  const catalog = new Catalog(client, { signal, count, warn: (message) => run.warn(message) });
  const library = patterns.find((pattern) => !isItemPattern(pattern));
  if (library !== undefined) throw await isLibrary(client, catalog, library, run);
  const selected = await selectItems(catalog, patterns.filter(isItemPattern));
  await using shown = new ShownNames(run, client.origin);
  for (const item of selected) shown.add(pathIn(item.library, [item.name]));
  return selected;
}

/** The error for a path that means a library: what to write instead depends on what is in it. */
async function isLibrary(
  client: CatalogClient,
  catalog: Catalog,
  { library: text }: LibraryPattern,
  { io: { env }, signal }: Run,
): Promise<Error> {
  const libraries = await catalog.libraries(text);
  const wanted = libraries.length === 1 ? (libraries[0]?.name ?? text) : text;
  const lists = await Promise.all(libraries.map(({ id }) => client.item.list({ library_id: id }, { signal })));
  const items = formatCount(lists.flat().length, "item");
  const is = libraries.length > 1 ? `means ${libraries.length} libraries with ${items}` : `is a library with ${items}`;
  const path = printable(pathIn({ name: wanted, address: client.address }, []));
  return usageError(
    `"${printable(wanted)}" ${is}, not an item`,
    `All of it: carrel get ${wordOf(`${path}/*`, env)}`,
    ...(client.address === undefined
      ? [`To keep a directory up to date with it: carrel mirror ${wordOf(path, env)} DIR`]
      : []),
  );
}

function pathsOf(chosen: ChosenFiles, directories: ReadonlyMap<SelectedItem, string>): readonly string[] {
  return [...directories].flatMap(([item, directory]) => {
    const names = (chosen.get(item) ?? []).map(({ name }) => name);
    // No file is written under another name.
    return names.filter((name) => nameProblem(name) === undefined).map((name) => join(directory, name));
  });
}

/** A single item that was named goes directly into `--output`; several, or what a glob found, into a directory each below it. */
function directoriesFor(
  items: readonly SelectedItem[],
  output: string | undefined,
  base = ".",
): ReadonlyMap<SelectedItem, string> {
  const [first] = items;
  const single = items.length === 1 && first?.byGlob === false;
  const directories = new Map<SelectedItem, string>();
  const byDirectory = new Map<string, SelectedItem>();
  for (const item of items) {
    const below = joinPlace(output ?? base, item.directoryName);
    const directory = single ? (output ?? below) : below;
    const other = byDirectory.get(nameKey(directory));
    if (other) throw sharedDirectory(other, item, directory);
    byDirectory.set(nameKey(directory), item);
    directories.set(item, directory);
  }
  return directories;
}

function sharedDirectory(one: SelectedItem, other: SelectedItem, directory: string): Error {
  const described = [one, other].map(({ name, id }) => `"${printable(name)}" (${id})`);
  return usageError(
    `The items ${described.join(" and ")} would share one directory: ${printable(directory)}`,
    "Download them one by one, each with its own -o DIR: carrel get LIBRARY/ID -o DIR",
  );
}
