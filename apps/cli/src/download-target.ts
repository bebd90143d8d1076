import { posix } from "node:path";
import type { CarrelClient } from "@carrel/core";
import { downloadItem } from "@carrel/node-stream";
import type { DownloadReport } from "@carrel/node-stream";
import type { Connection } from "./connect.ts";
import { notFoundError } from "./cli-error.ts";
import { folderNameOf } from "./names/folder-name.ts";
import type { Target } from "./names/parse-target.ts";
import { nearestNames } from "./names/nearest.ts";
import type { Resolved } from "./names/resolve-name.ts";
import { resolveItem, resolveLibrary } from "./names/resolve-target.ts";
import { createDownloadDisplay } from "./output/download-display.ts";
import { printable } from "./output/printable.ts";
import type { Run } from "./run-command.ts";

/** Finds an item, downloads it, and shows how it goes. What `carrel get` and `carrel demo` have in common. */
export async function downloadTarget(
  connection: Connection,
  target: Target,
  output: string | undefined,
  run: Run,
): Promise<DownloadReport> {
  const { client, tls } = connection;
  const { signal, screen } = run;
  const library = await resolveLibrary(client, target.library, signal);
  const item = await resolveItem(client, library, target.item, signal);
  if (target.fileGlob !== undefined) await assertMatch(client, item, target.fileGlob, signal);
  const include = target.fileGlob === undefined ? {} : { include: [target.fileGlob] };

  using display = createDownloadDisplay(screen, signal);
  await using task = downloadItem(client, item.id, output ?? folderNameOf(item), { ...tls, ...include, signal });
  for await (const event of task) display.event(event);
  return task.report;
}

/** Asked before there is a session. Costs one call. */
async function assertMatch(client: CarrelClient, item: Resolved, glob: string, signal: AbortSignal): Promise<void> {
  const names = (await client.item.file.list(item.id, { signal })).map(({ name }) => name);
  if (names.some((name) => name === glob || posix.matchesGlob(name, glob))) return;
  const nearest = nearestNames(glob, names).map((name) => `"${printable(name)}"`);
  throw notFoundError(
    `Item "${item.name}" has no file that matches "${glob}".`,
    ...(nearest.length > 0 ? [`Did you mean ${nearest.join(" or ")}?`] : []),
    `It has: ${names.map(printable).join(", ") || "no files"}`,
  );
}
