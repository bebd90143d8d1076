import type { DownloadFilePrepareSpec, DownloadFileRequest, EndpointType, LocalizableMessage } from "@carrel/core";
import type { PrepareErrorFault } from "../model/fault.ts";
import { sessionFileInfo } from "../state/session-file-info.ts";
import type { DownloadSession, SessionFile } from "../state/download-sessions.ts";
import type { Item, ItemFile } from "../state/library-store.ts";
import { VapiError, invalidArgument, message } from "../model/vapi-error.ts";
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
  "downloadSession.file.prepare": (input: DownloadSessionId & DownloadFilePrepareSpec, { world, faults }) => {
    const session = world.downloadSessions.get(input.download_session_id);
    const [item, file] = fileOf(session, input.file_name, world);
    world.downloadSessions.requireActive(session);
    world.downloadSessions.touch(session, "downloadSession.file.prepare");
    const endpointType = input.endpoint_type ?? "HTTPS";
    if (endpointType === "DIRECT" && !session.mayReadStorage) throw lacksReadStorage();
    const fault = faults.fire("prepareError");
    const known = session.files.get(file.name);
    if (known && !known.error && !fault) known.endpointType = endpointType;
    else session.files.set(file.name, requestFile(item, file, world, endpointType, fault));
    return sessionFileInfo(session, item, file, world);
  },
};

function fileOf(session: DownloadSession, name: string, world: World): [Item, ItemFile] {
  const item = world.store.item(session.itemId);
  const file = item.files.get(name);
  // Not NOT_FOUND: for an unknown file the specifications say INVALID_ARGUMENT here.
  if (!file)
    throw invalidArgument(`The download session ${session.id} has no file named ${name}.`, { file_name: name });
  return [item, file];
}

function requestFile(
  item: Item,
  file: ItemFile,
  world: World,
  endpointType: EndpointType,
  fault: PrepareErrorFault | undefined,
): SessionFile {
  const requestedAtMs = world.clock.now();
  return { requestedAtMs, endpointType, error: prepareError(item, file, world, fault), downloadedAtMs: undefined };
}

/** Why a file cannot be prepared; undefined where it can. */
function prepareError(
  item: Item,
  file: ItemFile,
  { settings: { prepare }, store, clock }: World,
  fault: PrepareErrorFault | undefined,
): LocalizableMessage | undefined {
  if (fault) return message("carrel.simulator.fault", fault.message ?? "Fault of the simulator: prepareError.");
  if (store.isCached(item)) return undefined;
  if (prepare.uncached === "fetch") {
    item.cachedAt ??= clock.now() + prepare.requestedMs + prepare.preparingMs;
    return undefined;
  }
  const text = `The file ${file.name} is not cached; synchronise the item ${item.id} first.`;
  return message("com.vmware.vdcs.cls-main.file_not_cached", text, { file_name: file.name, id: item.id });
}

function lacksReadStorage(): VapiError {
  return new VapiError("UNAUTHORIZED", [
    message(
      "com.vmware.vapi.endpoint.unauthorized",
      "The session was created without the privilege ContentLibrary.ReadStorage, which a DIRECT endpoint needs.",
    ),
  ]);
}
