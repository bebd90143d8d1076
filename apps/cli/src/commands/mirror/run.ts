import { defined } from "@carrel/core/kit";
import type { ItemSelection } from "@carrel/mirror";
import { mirrorSource } from "../../connection/item-server.ts";
import { openServer } from "../../connection/open-server.ts";
import { showOutages } from "../../output/outages.ts";
import { callPatiently } from "../../connection/patient-calls.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { readPublishedTargets, refuseSync } from "../../names/library-url.ts";
import type { PublishedTargets } from "../../names/library-url.ts";
import { parsePattern } from "../../names/parse-target.ts";
import type { PathPattern } from "../../names/parse-target.ts";
import { usageError } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { openMirrors } from "../../connection/open-store.ts";
import type { OpenMirrors } from "../../connection/open-store.ts";
import { isStore, resolvePlace } from "../../output/place-path.ts";
import type { Run } from "../../run/run-command.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import type { HookFlags } from "../../settings/hook-options.ts";
import type { TransferFlags } from "../../settings/transfer-options.ts";
import type { StoreFlags } from "../../settings/store-options.ts";
import { refuseStoreFlags } from "../../settings/store-settings.ts";
import { parseAge, parseCount, parseSince } from "../../settings/parse-values.ts";
import { withContextValues } from "../../settings/context-values.ts";
import { readRetryFor } from "../../settings/retry-for.ts";
import { readDownloadSettings } from "../../settings/transfer-settings.ts";
import { mirroredLibraries } from "./libraries.ts";
import { mirrorEach } from "./mirror-each.ts";

/** Flags of `carrel mirror`. */
export interface MirrorFlags extends ConnectionFlags, HookFlags, StoreFlags, TransferFlags {
  readonly delete?: boolean;
  readonly maxDelete?: string;
  readonly deleteAfter?: string;
  readonly publish?: boolean;
  readonly publishName?: string;
  readonly isoItems?: boolean;
  readonly backupDir?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly type?: readonly string[];
  readonly newerThan?: string;
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly json?: boolean;
}

/** `carrel mirror`. @param paths - Libraries, and the directory at the end. */
export async function runMirror(paths: readonly string[], given: MirrorFlags, run: Run): Promise<ExitCode> {
  const published = readPublishedTargets(paths.slice(0, -1));
  // What a context says is meant for a vCenter.
  const flags = published ? given : await withContextValues(given, run.io.env);
  if (published !== undefined) refuseSync(flags);
  const { clock } = run.io;
  const retryForMs = readRetryFor(flags, run.io, { isUnattended: true });
  const { existing: _existing, ...transfer } = {
    ...readDownloadSettings(flags),
    ...defined({ retryForMs, clock }),
  };
  const { delete: deletes = false, dryRun = false, verify = false, json = false } = flags;
  const { maxDelete, deleteAfter, publish, publishName, isoItems } = flags;
  if (maxDelete !== undefined && !deletes) throw usageError("--max-delete has no effect without --delete");
  if (deleteAfter !== undefined && !deletes && !publish) {
    throw usageError("--delete-after has no effect without --delete or --publish");
  }
  if (publishName !== undefined && !publish) throw usageError("--publish-name has no effect without --publish");
  if (isoItems !== undefined && !publish) {
    throw usageError(`--${isoItems ? "" : "no-"}iso-items has no effect without --publish`);
  }
  if (publishName === "") throw usageError("--publish-name: the name is empty");
  const guards = defined({
    maxDelete: maxDelete === undefined ? undefined : parseCount(maxDelete, "--max-delete", 0),
    deleteAfterMs: deleteAfter === undefined ? undefined : parseAge(deleteAfter, "--delete-after"),
    publish: publish ? defined({ name: publishName, isoItems }) : publish,
    select: selectionOf(flags),
  });
  const { backupDir } = flags;
  const named = paths
    .slice(0, -1)
    .map((path, index) => readLibrary(path, published?.patterns[index] ?? parsePattern(path)));
  const location = resolvePlace(paths.at(-1) ?? ".");
  await using store = await openTarget(location, published, flags, run);
  const placeAt = defined({ placeAt: store?.mirrorAt });
  await using connection = await openServer(published, flags, run);
  const client: CatalogClient = connection.client;
  const { pool } = connection;
  const patterns = "subscription" in connection ? [connection.subscription.library.id] : named;
  const outages = showOutages(run.screen, { server: client.origin, json, clock });
  const options = { ...transfer, ...guards, delete: deletes, dryRun, verify, pool, signal: run.signal };
  const libraries = await callPatiently(
    connection,
    () => mirroredLibraries(client, patterns, { location, ...placeAt }, run.signal),
    {
      retryForMs,
      clock,
      outages,
      signal: run.signal,
    },
  );
  return await mirrorEach(
    { source: mirrorSource(connection), libraries, options, json, outages, ...placeAt, ...defined({ backupDir }) },
    run,
  );
}

/** Opens the store that is mirrored to, if it is one. */
async function openTarget(
  location: string,
  published: PublishedTargets | undefined,
  flags: MirrorFlags,
  run: Run,
): Promise<OpenMirrors | undefined> {
  if (!isStore(location)) {
    const isRead = published !== undefined && isStore(published.address);
    if (!isRead) refuseStoreFlags(flags, "s3://BUCKET/PREFIX in place of LIBRARY or DIR");
    return undefined;
  }
  if (flags.backupDir !== undefined) {
    throw usageError(
      "Cannot combine --backup-dir with s3://: what is kept would have to be fetched from the store",
      "A bucket with versioning keeps what is deleted or replaced.",
    );
  }
  return await openMirrors(location, flags, run);
}

function selectionOf({ include, exclude, type: types, newerThan }: MirrorFlags): ItemSelection {
  const since = newerThan === undefined ? undefined : parseSince(newerThan, "--newer-than", Date.now());
  return defined({ include, exclude, types, newerThan: since });
}

function readLibrary(text: string, { library, item }: PathPattern): string {
  if (library !== undefined && item === undefined) return library;
  throw usageError(`"${text}" is not a library`, "Only whole libraries are mirrored: carrel mirror LIBRARY DIR");
}
