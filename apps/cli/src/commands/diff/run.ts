import { resolve } from "node:path";
import { defined } from "@carrel/core/kit";
import { openServer } from "../../connection/open-server.ts";
import { isLibraryUrl, readPublishedLibrary } from "../../names/library-url.ts";
import { parsePattern } from "../../names/parse-target.ts";
import { formatCount } from "../../output/format.ts";
import { isStore } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import { usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { readConfig } from "../../settings/config-file.ts";
import { libraryInStore, refuseStoreFlags } from "../../settings/store-settings.ts";
import type { DiffFlags } from "./command.ts";
import { compareSides } from "./compare.ts";
import type { Compared, Difference, SameBy } from "./compare.ts";
import { directorySide, librarySide } from "./sides.ts";
import type { Side } from "./sides.ts";

/** `carrel diff`. Returns whether the sides differ. */
export async function runDiff(one: string, other: string, flags: DiffFlags, run: Run): Promise<boolean> {
  if (!isStore(one) && !isStore(other)) refuseStoreFlags(flags, libraryInStore);
  const { contexts } = await readConfig(run.io.env);
  const contextOf = (text: string): string | undefined => {
    if (isLibraryUrl(text)) return undefined;
    const [name = "", ...rest] = text.split(":");
    return rest.length > 0 && contexts.has(name) ? name : undefined;
  };
  const side = async (text: string, context: string | undefined): Promise<Side> => {
    const published = readPublishedLibrary(text);
    const named = context === undefined ? text : text.slice(context.length + 1);
    const { library, item } = published?.patterns[0] ?? parsePattern(named);
    if (library === undefined || item !== undefined) throw usageError(`"${text}" is not a library`);
    const own = published !== undefined && !isDirectory ? withoutServer(flags) : flags;
    await using connection = await openServer(published, { ...own, ...defined({ context }) }, run);
    const wanted = "subscription" in connection ? connection.subscription.library.id : library;
    return await librarySide(connection.client, wanted, run.signal);
  };
  const context = contextOf(other);
  const isDirectory = context === undefined && !isLibraryUrl(other);
  const left = await side(one, contextOf(one));
  const right = isDirectory ? await directorySide(resolve(other), run.signal) : await side(other, context);
  const compared = await compareSides(left, right);
  for (const difference of compared.differences) {
    if (flags.json) run.screen.printJson({ type: "difference", ...difference });
    else run.screen.print(printable(describe(difference, one, other)));
  }
  const { differences, same } = compared;
  if (flags.json)
    run.screen.printJson({ type: "done", isSame: differences.length === 0, differences: differences.length, same });
  else run.screen.printSentence(describeAll(compared));
  return differences.length > 0;
}

/** The flags without those that are about a vCenter, where the other side is in one: how a published library is reached is known without them. */
function withoutServer(flags: DiffFlags): DiffFlags {
  const { server: _server, user: _user, wire: _wire, context: _context, ...others } = flags;
  const { thumbprint: _thumbprint, ca: _ca, allowHttpTransfers: _allow, ...own } = others;
  return own;
}

function describe({ item, file, difference }: Difference, one: string, other: string): string {
  const what = file === undefined ? item : `${item}/${file}`;
  const words: Readonly<Record<Difference["difference"], string>> = {
    "only-left": `only in ${one}`,
    "only-right": `only in ${other}`,
    checksum: "another checksum",
    version: "another content version",
    size: "another size",
    modified: "modified locally",
  };
  return `${what}  (${words[difference]})`;
}

const sameWords: Readonly<Record<SameBy, string>> = {
  checksum: "by checksum",
  version: "by content version",
  size: "by size",
  name: "by name only",
};

function describeAll({ differences, same }: Compared): string {
  const count = Object.values(same).reduce((sum, each) => sum + each, 0);
  const by = (Object.keys(sameWords) as SameBy[]).filter((each) => same[each] > 0);
  const how = by.length === 0 ? "" : ` (${by.map((each) => `${same[each]} ${sameWords[each]}`).join(", ")})`;
  const what = differences.length === 0 ? "No difference" : formatCount(differences.length, "difference");
  return `${what}, ${formatCount(count, "file")} the same${how}.`;
}
