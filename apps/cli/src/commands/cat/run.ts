import { openConnection } from "../../connection/connect.ts";
import { memberToStdout } from "../../content/member-to-stdout.ts";
import { toStdout } from "../../content/to-stdout.ts";
import { Catalog } from "../../names/catalog.ts";
import { chooseFiles, onlyFile } from "../../names/choose-files.ts";
import { isItemPattern, parsePattern } from "../../names/parse-target.ts";
import { selectItems } from "../../names/select-items.ts";
import { printable } from "../../output/printable.ts";
import { usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { withContextValues } from "../../settings/context-values.ts";
import { readDownloadSettings } from "../../settings/transfer-settings.ts";
import type { CatFlags } from "./command.ts";

/** `carrel cat`. */
export async function runCat(text: string, given: CatFlags, run: Run): Promise<void> {
  const flags = await withContextValues(given, run.io.env);
  const { signal } = run;
  const pattern = parsePattern(text, { members: true });
  if (!isItemPattern(pattern)) {
    throw usageError(`"${printable(text)}" names no file`, "Write LIBRARY/ITEM/FILE. List what there is: carrel ls");
  }
  const { member } = pattern;
  const transfer = readDownloadSettings(flags);
  if (member !== undefined && transfer.manifest === "report") {
    throw usageError("Cannot combine --manifest report with a file in an archive");
  }
  await using connection = await openConnection(flags, run);
  const { client } = connection;
  const catalog = new Catalog(client, { signal, warn: (message) => run.warn(message) });
  const file = onlyFile(await chooseFiles(client, await selectItems(catalog, [pattern]), signal));
  const options = { transfer, isForced: flags.force ?? false };
  if (member === undefined) await toStdout(connection, file, options, run);
  else await memberToStdout(connection, { file, member }, options, run);
}
