import type { CarrelClient } from "@carrel/core";
import { openFile } from "@carrel/node-stream";
import type { Connection } from "../../connection/connect.ts";
import { readItems } from "../../names/existing.ts";
import type { ItemPath } from "../../names/parse-target.ts";
import type { Resolved } from "../../names/resolve-name.ts";
import { resolveItem, resolveLibrary } from "../../names/resolve-name.ts";
import { formatBytes } from "../../output/format.ts";
import type { ServerSettings } from "../../settings/connection-settings.ts";
import type { CheckResult } from "./checklist.ts";

const skewMs = 60_000;
/** A file up to this size is read to its end; of a larger one, about this much is read. */
const enoughBytes = 1024 * 1024;

/** Detects the wire style. One that the settings name is not tried here, but by the login. */
export async function probeWire(
  client: CarrelClient,
  wanted: ServerSettings["wire"],
  signal: AbortSignal,
): Promise<CheckResult<true>> {
  const style = await client.wireStyle({ signal });
  const where =
    style === "api" ? "below /api, as vSphere 7.0 U2 and later do" : "below /rest, as vSphere 6.5 to 8.0 do";
  const how = wanted === "auto" ? `it answers ${where}` : "as configured";
  return { message: `${style}: ${how}; the server does not report its version there`, value: true };
}

/** Logs in. */
export async function logIn(client: CarrelClient, signal: AbortSignal): Promise<CheckResult<true>> {
  const { user } = await client.session.get({ signal });
  return { message: `as ${user}`, value: true };
}

/** Compares the server's clock with that of this machine. */
export async function compareClocks({ client, fetch }: Connection, signal: AbortSignal): Promise<CheckResult<true>> {
  const before = Date.now();
  const response = await fetch(client.origin, { method: "HEAD", redirect: "manual", signal });
  await response.body?.cancel();
  const theirs = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return { message: "the server does not report its time", value: true };
  const skew = theirs - (before + Date.now()) / 2;
  const seconds = Math.round(Math.abs(skew) / 1000);
  const message = seconds <= 1 ? "in step" : `the server's is ${seconds} s ${skew > 0 ? "ahead" : "behind"}`;
  if (Math.abs(skew) < skewMs) return { message, value: true };
  const hints = [
    "Downloads work all the same. SAML logins and displayed times need clocks that agree: synchronize them (NTP).",
  ];
  return { status: "warning", message, hints, value: true };
}

/** Counts the libraries that the user can see. */
export async function countLibraries(
  client: CarrelClient,
  signal: AbortSignal,
): Promise<CheckResult<readonly string[]>> {
  const ids = await client.library.list({ signal });
  const message = `${ids.length} ${ids.length === 1 ? "library" : "libraries"} visible`;
  if (ids.length > 0) return { message, value: ids };
  const hints = [
    "The user needs a global permission, or one on a library: permissions in the vCenter's inventory do not extend to libraries.",
  ];
  return { status: "warning", message, hints, value: ids };
}

/** Finds an item to try: the one that is named, or the first one with a file on the server's disk. */
export async function chooseItem(
  client: CarrelClient,
  wanted: ItemPath | undefined,
  libraries: readonly string[],
  signal: AbortSignal,
): Promise<CheckResult<Resolved | undefined>> {
  if (wanted !== undefined) {
    const { library, item } = wanted;
    const found = await resolveItem(client, await resolveLibrary(client, library, signal), item, { signal });
    return { message: `"${found.name}", as requested`, value: found };
  }
  for (const library of libraries.slice(0, 10)) {
    const ids = (await client.item.list({ library_id: library }, { signal })).slice(0, 20);
    for await (const { item } of readItems(client, ids, { signal })) {
      if (item.cached === false) continue;
      if ((await client.item.file.list(item.id, { signal })).length === 0) continue;
      return {
        message: `"${item.name ?? item.id}", the first item with a file`,
        value: { id: item.id, name: item.name ?? item.id },
      };
    }
  }
  const hints = ["Name one that has files on the server's disk: --item LIBRARY/ITEM"];
  return { status: "warning", message: "no item with a file found", hints, value: undefined };
}

/** Creates a download session, keeps it alive, reads the beginning of a file, and deletes the session. */
export async function tryDownload(
  connection: Connection,
  item: Resolved,
  signal: AbortSignal,
): Promise<CheckResult<true>> {
  let left: string | undefined;
  const stop = connection.client.onDiagnostic((event) => {
    if (event.type === "left-open") left = event.sessionId;
  });
  const read = await readInSession(connection, item, signal).finally(stop);
  const ended = left === undefined ? "deleted" : "NOT deleted: the server did not do it";
  const message = `a session was created, kept alive and ${ended}; ${read ?? `"${item.name}" has no files`}`;
  if (left !== undefined) {
    return { status: "warning", message, hints: [`To end it: carrel sessions rm ${left}`], value: true };
  }
  return { status: read === undefined ? "warning" : "ok", message, value: true };
}

/** Reads the beginning of the smallest file in a session of its own. Says what was read; `undefined` where there is no file. */
async function readInSession(
  { client, pool }: Connection,
  item: Resolved,
  signal: AbortSignal,
): Promise<string | undefined> {
  await using lease = await client.lease(item.id, { signal });
  await client.downloadSession.keepAlive(lease.id, {}, { signal });
  // The session itself may not report sizes yet. Empty files come last, because reading one would prove little.
  const files = await client.item.file.list(item.id, { signal });
  const [file] = files.toSorted((one, other) => (one.size || Infinity) - (other.size || Infinity));
  if (file === undefined) return undefined;
  const stream = await openFile(lease, file.name, { pool, session: client, resumeLimit: 0, signal });
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes >= enoughBytes) break;
  }
  const { origin } = await stream.opened;
  const read = stream.facts
    ? `${file.name} was read (${formatBytes(bytes)})`
    : `the first bytes of ${file.name} were read`;
  return origin === undefined ? read : `${read}, from ${origin}`;
}
