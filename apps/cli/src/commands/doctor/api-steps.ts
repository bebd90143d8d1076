import type { CarrelClient } from "@carrel/core";
import { openFile } from "@carrel/node-stream";
import type { Connection } from "../../connection/connect.ts";
import { existing } from "../../names/existing.ts";
import type { ItemPath } from "../../names/parse-target.ts";
import type { Resolved } from "../../names/resolve-name.ts";
import { resolveItem, resolveLibrary } from "../../names/resolve-name.ts";
import { formatBytes, formatCount } from "../../output/format.ts";
import type { ServerSettings } from "../../settings/connection-settings.ts";
import type { Finding } from "./examination.ts";

interface Step<T> {
  readonly finding: Finding;
  readonly value: T;
}

const skewMs = 60_000;
/** A file up to this size is read to its end. */
const enoughBytes = 1024 * 1024;

/** Finds out how to talk to the server. What the settings say is not tried out here: the login will. No version is told. */
export async function probeWire(
  client: CarrelClient,
  wanted: ServerSettings["wire"],
  signal: AbortSignal,
): Promise<Step<true>> {
  const style = await client.wireStyle({ signal });
  const where =
    style === "api" ? "below /api, as vSphere 7.0 U2 and later do" : "below /rest, as vSphere 6.5 to 8.0 do";
  const how = wanted === "auto" ? `it answers ${where}` : "as asked for";
  return { finding: { text: `${style}: ${how}; the server does not report its version there` }, value: true };
}

/** Logs in. */
export async function logIn(client: CarrelClient, signal: AbortSignal): Promise<Step<true>> {
  const { user } = await client.session.get({ signal });
  return { finding: { text: `as ${user}` }, value: true };
}

/** Compares the server's clock with ours. */
export async function compareClocks({ client, fetch }: Connection, signal: AbortSignal): Promise<Step<true>> {
  const before = Date.now();
  const response = await fetch(client.origin, { method: "HEAD", redirect: "manual", signal });
  await response.body?.cancel();
  const theirs = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return { finding: { text: "the server does not report its time" }, value: true };
  const skew = theirs - (before + Date.now()) / 2;
  const seconds = Math.round(Math.abs(skew) / 1000);
  const text = seconds <= 1 ? "in step" : `the server's is ${seconds} s ${skew > 0 ? "ahead" : "behind"}`;
  if (Math.abs(skew) < skewMs) return { finding: { text }, value: true };
  const advice = ["Downloads do not mind. SAML logins, and times that are shown, do: set the clocks (NTP)."];
  return { finding: { status: "warning", text, advice }, value: true };
}

/** Counts the libraries that the user can see. */
export async function countLibraries(client: CarrelClient, signal: AbortSignal): Promise<Step<readonly string[]>> {
  const ids = await client.library.list({ signal });
  const text = `${formatCount(ids.length, "library").replace("librarys", "libraries")} visible`;
  if (ids.length > 0) return { finding: { text }, value: ids };
  const advice = [
    "The user needs a global permission, or one on a library: permissions of the vCenter's inventory do not reach them.",
  ];
  return { finding: { status: "warning", text, advice }, value: ids };
}

/** Finds an item to try: the one that is named, or the first one with a file on disk. */
export async function chooseItem(
  client: CarrelClient,
  wanted: ItemPath | undefined,
  libraries: readonly string[],
  signal: AbortSignal,
): Promise<Step<Resolved | undefined>> {
  if (wanted !== undefined) {
    const { library, item } = wanted;
    const found = await resolveItem(client, await resolveLibrary(client, library, signal), item, { signal });
    return { finding: { text: `"${found.name}", as asked for` }, value: found };
  }
  for (const library of libraries.slice(0, 10)) {
    const ids = (await client.item.list({ library_id: library }, { signal })).slice(0, 20);
    for await (const item of existing(ids, async (id) => ({ id, ...(await client.item.get(id, { signal })) }))) {
      if (item.cached === false) continue;
      if ((await client.item.file.list(item.id, { signal })).length === 0) continue;
      return {
        finding: { text: `"${item.name ?? item.id}", the first one with a file` },
        value: { id: item.id, name: item.name ?? item.id },
      };
    }
  }
  const advice = ["Name one that is on disk: --item LIBRARY/ITEM"];
  return { finding: { status: "warning", text: "no item with a file was found", advice }, value: undefined };
}

/** Holds a download session for a moment: creates it, keeps it alive, reads a first byte, and deletes it. */
export async function tryDownload(connection: Connection, item: Resolved, signal: AbortSignal): Promise<Step<true>> {
  let left: string | undefined;
  const stop = connection.client.onDiagnostic((event) => {
    if (event.type === "left-open") left = event.sessionId;
  });
  const { finding } = await holdSession(connection, item, signal).finally(stop);
  if (left === undefined) return { finding, value: true };
  const text = finding.text.replace("kept alive and deleted", "kept alive and NOT deleted: the server did not do it");
  return { finding: { status: "warning", text, advice: [`To end it: carrel sessions rm ${left}`] }, value: true };
}

async function holdSession({ client, pool }: Connection, item: Resolved, signal: AbortSignal): Promise<Step<true>> {
  await using lease = await client.lease(item.id, { signal });
  await client.downloadSession.keepAlive(lease.id, {}, { signal });
  // The session may not tell sizes yet. The smallest is enough, but an empty one would prove little.
  const files = await client.item.file.list(item.id, { signal });
  const [file] = files.toSorted((one, other) => (one.size || Infinity) - (other.size || Infinity));
  if (!file)
    return { finding: { status: "warning", text: `created and kept alive; "${item.name}" has no files` }, value: true };
  const stream = await openFile(lease, file.name, { pool, session: client, resumeLimit: 0, signal });
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes >= enoughBytes) break;
  }
  const { origin } = await stream.opened;
  const read = stream.facts ? `${file.name} was read, ${formatBytes(bytes)}` : `the first bytes of ${file.name} came`;
  const what = origin === undefined ? read : `${read}, from ${origin}`;
  return { finding: { text: `a session was created, kept alive and deleted; ${what}` }, value: true };
}
