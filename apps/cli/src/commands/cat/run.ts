import { openServer, resolvedPatterns } from "../../connection/open-server.ts";
import { memberToStdout } from "../../content/member-to-stdout.ts";
import { toStdout } from "../../content/to-stdout.ts";
import { Catalog } from "../../names/catalog.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { chooseFiles, onlyFile } from "../../names/choose-files.ts";
import { readPublishedTargets, refuseSync } from "../../names/library-url.ts";
import { isItemPattern, parsePattern } from "../../names/parse-target.ts";
import { selectItems } from "../../names/select-items.ts";
import { showOutages } from "../../output/outages.ts";
import { printable } from "../../output/printable.ts";
import { isStore } from "../../output/place-path.ts";
import { libraryInStore, refuseStoreFlags } from "../../settings/store-settings.ts";
import { usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { withContextValues } from "../../settings/context-values.ts";
import { readDownloadSettings } from "../../settings/transfer-settings.ts";
import type { CatFlags } from "./command.ts";

/** `carrel cat`. */
export async function runCat(text: string, given: CatFlags, run: Run): Promise<void> {
  const parsing = { members: true };
  const published = readPublishedTargets([text], parsing);
  // What a context says is meant for a vCenter.
  const flags = published ? given : await withContextValues(given, run.io.env);
  const { signal } = run;
  const [pattern = {}] = published?.patterns ?? [parsePattern(text, parsing)];
  if (!isItemPattern(pattern)) {
    throw usageError(`"${printable(text)}" names no file`, "Write LIBRARY/ITEM/FILE. List what there is: carrel ls");
  }
  if (published !== undefined) refuseSync(flags);
  if (published === undefined || !isStore(published.address)) refuseStoreFlags(flags, libraryInStore);
  const { member } = pattern;
  const transfer = readDownloadSettings(flags);
  if (member !== undefined && transfer.manifest === "report") {
    throw usageError("Cannot combine --manifest report with a file in an archive");
  }
  await using connection = await openServer(published, flags, run);
  const client: CatalogClient = connection.client;
  const catalog = new Catalog(client, { signal, warn: (message) => run.warn(message) });
  const file = onlyFile(
    await chooseFiles(client, await selectItems(catalog, resolvedPatterns([pattern], connection)), signal),
  );
  const outages = showOutages(run.screen, { server: client.origin, json: false, clock: run.io.clock });
  const options = { transfer, outages, isForced: flags.force ?? false };
  if (member === undefined) await toStdout(connection, file, options, run);
  else await memberToStdout(connection, { file, member }, options, run);
}
