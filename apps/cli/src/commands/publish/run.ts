import { defined } from "@carrel/core/kit";
import { publishLibrary } from "@carrel/vcsp";
import type { LeftOut, PublishChange, PublishReport } from "@carrel/vcsp";
import { formatCount } from "../../output/format.ts";
import { isStore } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { refuseStoreFlags } from "../../settings/store-settings.ts";
import type { PublishFlags } from "./command.ts";
import { openDirectoryShelf, openStoreShelf } from "./shelf.ts";

/** Of more files that are left out only the number is shown. */
const shownFiles = 10;

const reasons: Readonly<Record<LeftOut["reason"], string>> = {
  "not-in-item": "it is not in the directory of an item",
  nested: "it is a directory in the directory of an item",
  link: "it is a symbolic link",
  hidden: "its name begins with a dot",
  other: "it is not a plain file",
};

/** `carrel publish`. */
export async function runPublish(target: string, flags: PublishFlags, run: Run): Promise<void> {
  const { name, dryRun = false, json = false } = flags;
  const { screen, signal } = run;
  if (name === "") throw usageError("--name: the name is empty");
  if (!isStore(target)) refuseStoreFlags(flags, "s3://BUCKET/PREFIX in place of DIR");
  await using shelf = isStore(target) ? await openStoreShelf(target, flags, run) : await openDirectoryShelf(target);
  await using content = await shelf.list({ ...defined({ isoItems: flags.isoItems }), signal });
  await using claim = dryRun ? undefined : await shelf.lock(signal);
  const { place } = shelf;
  warnAbout(content.leftOut, run);
  const options = { signal, newName: shelf.newName, ...defined({ name }) };
  if (content.items.length === 0) {
    refuseEmpty(place.label, await publishLibrary(place, [], { ...options, dryRun: true }), flags);
  }
  await claim?.assertHeld();
  const report = await publishLibrary(place, content.items, { ...options, dryRun });
  if (!dryRun) await content.save();
  for (const change of report.items) {
    if (json) screen.printJson({ type: "published", ...change });
    else if (change.change !== "unchanged") screen.print(describe(change));
  }
  if (json) screen.printJson(summaryOf(report));
  else screen.print(sentence(report, dryRun));
}

/** A directory that is not mounted is empty, too: subscribers would delete all that they have. */
function refuseEmpty(root: string, plan: PublishReport, { allowEmpty = false }: PublishFlags): void {
  if (allowEmpty) return;
  const lost = plan.items.filter(({ change }) => change === "removed").length;
  const found = `No item found in ${root}`;
  if (lost === 0) {
    throw usageError(found, "Each item is a directory with files. To publish an empty library: --allow-empty");
  }
  throw new CliError(`${found}, where ${formatCount(lost, "item")} of "${plan.library.name}" were published`, {
    exitCode: exitCodes.failed,
    hints: ["Nothing was changed. Subscribers would delete what they have. If that is intended: --allow-empty"],
  });
}

function warnAbout(leftOut: readonly LeftOut[], run: Run): void {
  // What this program and others keep in hidden files is nobody's loss.
  const notable = leftOut.filter(({ reason }) => reason !== "hidden");
  for (const { path, reason } of notable.slice(0, shownFiles)) {
    run.warn(`${printable(path)} is not published: ${reasons[reason]}`);
  }
  const more = notable.length - shownFiles;
  if (more > 0) run.warn(`${formatCount(more, "other file")} not published`);
}

function describe({ change, name, version }: PublishChange): string {
  const state = change === "removed" ? "" : `version ${version}`;
  return `${change.padEnd(7)}  ${state.padEnd(11)}  ${printable(name)}`.trimEnd();
}

function summaryOf({ library, isChanged, items }: PublishReport): object {
  const { id: libraryId, name, version } = library;
  const counts = (["added", "changed", "unchanged", "removed"] as const).map((change) => [
    change,
    count(items, change),
  ]);
  return { type: "summary", library: name, libraryId, version, isChanged, ...Object.fromEntries(counts) };
}

function sentence({ library, isChanged, items }: PublishReport, dryRun: boolean): string {
  const { name, version } = library;
  const there = items.length - count(items, "removed");
  const what = `"${printable(name)}": ${formatCount(there, "item")}`;
  if (!isChanged) return `${what}, unchanged, version ${version}`;
  const changes = (["added", "changed", "removed"] as const)
    .map((change) => [count(items, change), change] as const)
    .filter(([number]) => number > 0)
    .map(([number, change]) => `${number} ${change}`);
  const verb = dryRun ? "would be version" : "now version";
  return [what, ...changes, `${verb} ${version}`].join(", ");
}

function count(items: readonly PublishChange[], wanted: PublishChange["change"]): number {
  return items.filter(({ change }) => change === wanted).length;
}
