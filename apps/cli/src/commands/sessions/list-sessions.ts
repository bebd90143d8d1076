import type { CarrelClient, DownloadFileInfo, DownloadSessionModel } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { existing } from "../../names/existing.ts";
import { Count } from "../../output/status.ts";
import { formatBytes } from "../../output/format.ts";
import type { TableColumn } from "../../output/table.ts";
import { printable } from "../../output/printable.ts";

/** A download session with its files and the name of its item. */
export interface SessionEntry extends DownloadSessionModel {
  readonly id: string;
  /** Name of the item, where it still exists. */
  readonly itemName?: string;
  readonly files: readonly DownloadFileInfo[];
}

/** The columns of a list of sessions. */
export const columns: Readonly<Record<string, TableColumn<SessionEntry>>> = {
  state: { width: 8, value: ({ state }) => state ?? "?" },
  expires: {
    width: 10,
    value: ({ expiration_time: time }) => time,
    text: ({ expiration_time: time }) => describeExpiry(time),
  },
  done: { width: 4, align: "right", value: ({ client_progress: progress }) => progress, text: formatProgress },
  files: {
    width: 7,
    align: "right",
    value: ({ files }) => `${files.filter(({ status }) => status === "PREPARED").length}/${files.length}`,
  },
  item: { width: 24, value: ({ itemName, library_item_id: id }) => itemName ?? id ?? "?" },
  id: { width: 36, value: ({ id }) => id },
};

/** Options of {@link listSessions}. */
export interface ListSessionsOptions {
  readonly signal: AbortSignal;
  /** Only those on this item. */
  readonly itemId?: string;
}

/**
 * Lists the download sessions of this user. Costs one call, and three more for each session. Where the server counts reading
 * a session as activity, this keeps it alive.
 */
export function listSessions(
  client: CarrelClient,
  { signal, itemId }: ListSessionsOptions,
): { readonly rows: AsyncIterable<SessionEntry>; readonly progress: () => string | undefined } {
  const count = new Count("session");
  const list = async function* list(): AsyncGenerator<SessionEntry> {
    const ids = await client.downloadSession.list(itemId === undefined ? {} : { library_item_id: itemId }, { signal });
    yield* existing(ids, (id) => getSession(client, id, signal), { count });
  };
  return { rows: list(), progress: () => count.text };
}

/** Reads one download session. Costs three calls. */
export async function getSession(client: CarrelClient, id: string, signal: AbortSignal): Promise<SessionEntry> {
  const model = await client.downloadSession.get(id, { signal });
  // A session that is over may refuse to list its files, and its item may not exist any more.
  const [files, item] = await Promise.allSettled([
    client.downloadSession.file.list(id, { signal }),
    model.library_item_id ? client.item.get(model.library_item_id, { signal }) : undefined,
  ]);
  signal.throwIfAborted();
  const itemName = item.status === "fulfilled" ? item.value?.name : undefined;
  return {
    ...model,
    id,
    ...defined({ itemName }),
    files: files.status === "fulfilled" ? toFiles(files.value) : [],
  };
}

/** Removes the endpoints: a transfer URL is a secret. */
function toFiles(files: readonly DownloadFileInfo[]): readonly DownloadFileInfo[] {
  return files.map(({ download_endpoint: _secret, ...file }) => file);
}

/** The progress that the client reported: `40%`, or `?` where the server does not say. */
function formatProgress({ client_progress: progress }: DownloadSessionModel): string {
  return progress === undefined ? "?" : `${progress}%`;
}

/** When a session expires: `in 4 min`, `in 20 s`, `over`. By the clock of this machine, so it is approximate. */
function describeExpiry(time: string | undefined): string {
  const ms = time === undefined ? Number.NaN : Date.parse(time) - Date.now();
  if (Number.isNaN(ms)) return "?";
  if (ms <= 0) return "over";
  return ms < 90_000 ? `in ${Math.ceil(ms / 1000)} s` : `in ${Math.round(ms / 60_000)} min`;
}

/** Describes a download session, a line for each fact. */
export function describeSession(session: SessionEntry): readonly string[] {
  const { error_message: error } = session;
  return [
    `id:        ${printable(session.id)}`,
    `item:      ${printable(session.itemName ?? "?")}  ${printable(session.library_item_id ?? "")}`,
    `version:   ${printable(session.library_item_content_version ?? "?")}`,
    `state:     ${printable(session.state ?? "?")}`,
    ...(error ? [`error:     ${printable(error.localized ?? error.default_message)}`] : []),
    `progress:  ${formatProgress(session)}`,
    `expires:   ${printable(session.expiration_time ?? "?")}`,
    ...session.files.map((file) => `file:      ${describeFile(file)}`),
  ];
}

function describeFile(file: DownloadFileInfo): string {
  const size = file.size === undefined ? "" : `  ${formatBytes(file.size)}`;
  return `${printable(file.status.toLowerCase()).padEnd(17)}  ${printable(file.name)}${size}`;
}
