import { defined } from "@carrel/core/kit";
import type { DownloadSessionFailSpec, DownloadSessionKeepAliveSpec, DownloadSessionModel } from "@carrel/core";
import type { DownloadSession } from "../state/download-sessions.ts";
import { invalidArgument, message } from "../model/vapi-error.ts";
import type { DownloadSessionId, ItemId, ServiceHandlers } from "./handler.ts";

/** Operations of the service `downloadSession`. */
export const downloadSessionHandlers: ServiceHandlers<"downloadSession"> = {
  "downloadSession.create": (input: ItemId, { world, session, clientToken }) => {
    const item = world.store.item(input.library_item_id);
    return world.clientTokens.once(
      "downloadSession.create",
      clientToken,
      item.id,
      (id) => world.downloadSessions.find(id) !== undefined,
      () => world.downloadSessions.create(item, session.user, mayReadStorage(world.settings.missingPrivileges)).id,
    );
  },
  "downloadSession.list": (input: Partial<ItemId>, { world, session }) => {
    const itemId = input.library_item_id;
    if (itemId !== undefined) world.store.item(itemId);
    const mine = world.downloadSessions
      .all()
      .filter((each) => each.user === session.user && (itemId === undefined || each.itemId === itemId));
    for (const each of mine) world.downloadSessions.touch(each, "downloadSession.list");
    return mine.map((each) => each.id);
  },
  "downloadSession.get": (input: DownloadSessionId, { world }) => {
    const session = world.downloadSessions.get(input.download_session_id);
    world.downloadSessions.touch(session, "downloadSession.get");
    return sessionModel(session);
  },
  "downloadSession.delete": (input: DownloadSessionId, { world }) => {
    world.downloadSessions.delete(world.downloadSessions.get(input.download_session_id));
  },
  "downloadSession.keepAlive": (input: DownloadSessionId & DownloadSessionKeepAliveSpec, { world }) => {
    const session = world.downloadSessions.get(input.download_session_id);
    world.downloadSessions.requireActive(session);
    const { progress } = input;
    if (progress !== undefined && progress <= session.progress) {
      throw invalidArgument(`The progress ${progress} is not greater than ${session.progress}.`, {
        progress: String(progress),
      });
    }
    session.progress = progress ?? session.progress;
    world.downloadSessions.touch(session, "downloadSession.keepAlive");
  },
  "downloadSession.cancel": (input: DownloadSessionId, { world }) => {
    const session = world.downloadSessions.get(input.download_session_id);
    world.downloadSessions.requireActive(session);
    world.downloadSessions.finish(session, "CANCELED");
  },
  "downloadSession.fail": (input: DownloadSessionId & DownloadSessionFailSpec, { world }) => {
    const session = world.downloadSessions.get(input.download_session_id);
    world.downloadSessions.requireActive(session);
    const text = input.client_error_message;
    world.downloadSessions.finish(
      session,
      "ERROR",
      message("com.vmware.vdcs.cls-main.client_error", `The client reported: ${text}`, { message: text }),
    );
  },
};

function mayReadStorage(lacking: ReadonlySet<string>): boolean {
  return !lacking.has("ContentLibrary.ReadStorage");
}

function sessionModel(session: DownloadSession): DownloadSessionModel {
  return {
    id: session.id,
    library_item_id: session.itemId,
    library_item_content_version: session.contentVersion,
    ...defined({ error_message: session.errorMessage }),
    client_progress: session.progress,
    state: session.state,
    expiration_time: session.expirationTime.toISOString(),
  };
}
