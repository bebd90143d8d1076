import type { DownloadSession } from "../model/download-session.ts";
import type { Item } from "../model/library.ts";
import type { World } from "../state/world.ts";

/** What an exchange is about. */
export interface Subject {
  readonly session: DownloadSession | undefined;
  readonly item: Item | undefined;
}

/** What an operation is about, by its parameters as they came, checked or not. */
export function subjectOf(parameters: Readonly<Record<string, unknown>>, world: World): Subject {
  const { download_session_id: sessionId, library_item_id: itemId } = parameters;
  const session = typeof sessionId === "string" ? world.downloadSessions.find(sessionId) : undefined;
  const id = session?.itemId ?? (typeof itemId === "string" ? itemId : undefined);
  return { session, item: id === undefined ? undefined : world.store.items.get(id) };
}
