import type { ChecksumInfo, ItemFileInfo, ItemFileRequest, ItemStorageInfo, ItemStorageRequest } from "@carrel/core";
import { checksumOf } from "../state/library-store.ts";
import type { Item, ItemFile } from "../state/library-store.ts";
import { VapiError, message } from "../model/vapi-error.ts";
import { unset } from "../state/session-file-info.ts";
import type { World } from "../state/world.ts";
import type { ItemId, ServiceHandlers } from "./handler.ts";

/** Operations of the services `item.file` and `item.storage`. */
export const itemFileHandlers: ServiceHandlers<"item.file" | "item.storage"> = {
  "item.file.list": (input: ItemId, { world }) => {
    const item = world.store.item(input.library_item_id);
    return Promise.all([...item.files.values()].map((file) => fileInfo(item, file, world)));
  },
  "item.file.get": (input: ItemId & ItemFileRequest, { world }) => {
    const item = world.store.item(input.library_item_id);
    return fileInfo(item, fileOf(item, input.name), world);
  },
  "item.storage.list": (input: ItemId, { world }) => {
    const item = world.store.item(input.library_item_id);
    return Promise.all([...item.files.values()].map((file) => storageInfo(item, file, world)));
  },
  "item.storage.get": async (input: ItemId & ItemStorageRequest, { world }) => {
    const item = world.store.item(input.library_item_id);
    return [await storageInfo(item, fileOf(item, input.file_name), world)];
  },
};

function fileOf(item: Item, name: string): ItemFile {
  const file = item.files.get(name);
  if (file) return file;
  throw new VapiError("NOT_FOUND", [
    message("com.vmware.vdcs.cls-main.file_not_found", `The library item ${item.id} has no file named ${name}.`, {
      id: item.id,
      name,
    }),
  ]);
}

async function fileInfo(item: Item, file: ItemFile, world: World): Promise<ItemFileInfo> {
  const cached = world.store.isCached(item);
  return {
    ...(await checksum(file, world)),
    name: file.name,
    size: cached ? (file.states.sizeBytes ?? file.content.sizeBytes) : 0,
    cached,
    version: String(file.version),
    ...(world.traits.fileDownloadEndpoint && cached ? { file_download_endpoint: staticUri(item, file, world) } : {}),
  };
}

async function storageInfo(item: Item, file: ItemFile, world: World): Promise<ItemStorageInfo> {
  const path = `contentlib-${item.libraryId}/${item.id}/${encodeURIComponent(file.name)}`;
  return {
    storage_backing: { type: "DATASTORE", datastore_id: "datastore-1" },
    storage_uris: [`ds:///vmfs/volumes/${world.server.guid}/${path}`],
    ...(await fileInfo(item, file, world)),
  };
}

async function checksum(file: ItemFile, world: World): Promise<{ checksum_info?: ChecksumInfo }> {
  const { checksumAlgorithm, itemChecksum } = world.settings.report;
  return itemChecksum ? { checksum_info: await checksumOf(file, checksumAlgorithm) } : unset("checksum_info", world);
}

function staticUri(item: Item, file: ItemFile, world: World): string {
  const path = [item.libraryId, item.id, file.name].map(encodeURIComponent).join("/");
  return `${world.server.origin}/cls/static/${path}?version=${file.version}`;
}
