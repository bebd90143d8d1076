import type { DownloadFilePrepareSpec, DownloadFileRequest } from "@carrel/core";
import { sessionFileInfo } from "../state/session-file-info.ts";
import type { DownloadSession } from "../state/download-session.ts";
import type { Item, ItemFile } from "../state/library.ts";
import { VapiError, invalidArgument, message } from "../state/vapi-error.ts";
import type { World } from "../state/world.ts";
import type { DownloadSessionId, ServiceHandlers } from "./handler.ts";

/** Operations of the service `downloadSession.file`. */
export const downloadSessionFileHandlers: ServiceHandlers<"downloadSession.file"> = {
  "downloadSession.file.list": (input: DownloadSessionId, { world }) => {
    const session = world.downloadSessions.get(input.download_session_id);
    world.downloadSessions.touch(session, "downloadSession.file.list");
    const item = world.store.item(session.itemId);
    return Promise.all([...item.files.values()].map((file) => sessionFileInfo(session, item, file, world)));
  },
  "downloadSession.file.get": (input: DownloadSessionId & DownloadFileRequest, { world }) => {
    const session = world.downloadSessions.get(input.download_session_id);
    world.downloadSessions.touch(session, "downloadSession.file.get");
    const [item, file] = fileOf(session, input.file_name, world);
    return sessionFileInfo(session, item, file, world);
  },
  "downloadSession.file.prepare": (input: DownloadSessionId & DownloadFilePrepareSpec, { world }) => {
    const session = world.downloadSessions.get(input.download_session_id);
    const [item, file] = fileOf(session, input.file_name, world);
    world.downloadSessions.requireActive(session);
    world.downloadSessions.touch(session, "downloadSession.file.prepare");
    const endpointType = input.endpoint_type ?? "HTTPS";
    if (endpointType === "DIRECT" && !session.mayReadStorage) throw lacksReadStorage();
    const known = session.files.get(file.name);
    if (known && !known.error) known.endpointType = endpointType;
    else session.files.set(file.name, request(item, file, world, endpointType));
    return sessionFileInfo(session, item, file, world);
  },
};

function fileOf(session: DownloadSession, name: string, world: World): [Item, ItemFile] {
  const item = world.store.item(session.itemId);
  const file = item.files.get(name);
  // Not NOT_FOUND: the specifications have INVALID_ARGUMENT for an unknown file here.
  if (!file)
    throw invalidArgument(`The download session ${session.id} has no file named ${name}.`, { file_name: name });
  return [item, file];
}

function request(
  item: Item,
  file: ItemFile,
  world: World,
  endpointType: "HTTPS" | "DIRECT",
): {
  requestedAt: number;
  endpointType: "HTTPS" | "DIRECT";
  error: ReturnType<typeof message> | undefined;
  downloaded: boolean;
} {
  const { prepare, store, clock } = world;
  let error: ReturnType<typeof message> | undefined;
  if (!store.isCached(item)) {
    if (prepare.uncached === "fetch") {
      item.cachedAt ??= clock.now() + prepare.requestedMs + prepare.preparingMs;
    } else {
      error = message(
        "com.vmware.vdcs.cls-main.file_not_cached",
        `The file ${file.name} is not cached; synchronise the item ${item.id} first.`,
        { file_name: file.name, id: item.id },
      );
    }
  }
  return { requestedAt: clock.now(), endpointType, error, downloaded: false };
}

function lacksReadStorage(): VapiError {
  return new VapiError("UNAUTHORIZED", [
    message(
      "com.vmware.vapi.endpoint.unauthorized",
      "The session was created without the privilege ContentLibrary.ReadStorage, which a DIRECT endpoint needs.",
    ),
  ]);
}
