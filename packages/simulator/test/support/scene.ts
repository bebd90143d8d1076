import type { DownloadFileInfo, WireStyle } from "@carrel/core";
import { startSimulator } from "../../src/index.ts";
import type { ServedOperationId, Simulator, SimulatorOptions } from "../../src/index.ts";
import { connect } from "./connect.ts";
import type { Connection, Input } from "./connect.ts";
import { send } from "@carrel/test-kit";
import type { Got, Sent } from "@carrel/test-kit";

const libraries = [
  {
    name: "images",
    items: [
      {
        name: "appliance",
        type: "ovf",
        files: [
          { name: "appliance.ovf", text: "<Envelope/>" },
          { name: "disk.vmdk", sizeBytes: 1_000_000 },
        ],
      },
    ],
  },
  {
    name: "mirror",
    type: "SUBSCRIBED" as const,
    onDemand: true,
    items: [{ name: "remote", files: [{ name: "remote.iso", sizeBytes: 300_000 }] }],
  },
];

/** A simulator with a local and a subscribed library, and a login. */
export interface Scene extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly vcenter: Connection;
  readonly itemId: string;
  readonly remoteItemId: string;
  /** A new download session on the local item. */
  open(): Promise<string>;
  /** Prepares a file and returns its transfer URL. */
  prepare(sessionId: string, file?: string): Promise<string>;
  /** A session, a prepared file, and what a transfer of it gives. */
  fetch(sent?: Sent, file?: string): Promise<Got>;
}

export async function scene(options: SimulatorOptions = {}, style?: WireStyle): Promise<Scene> {
  const simulator = await startSimulator({ libraries, ...options });
  const vcenter = await connect(simulator, style ?? (options.version === "6.7" ? "rest" : "api"));
  const itemId = simulator.inventory.item("images/appliance").id;
  const open = (): Promise<string> => vcenter.call<string>("downloadSession.create", { library_item_id: itemId });
  const prepare = async (sessionId: string, file = "disk.vmdk"): Promise<string> => {
    const input = { download_session_id: sessionId, file_name: file };
    const info = await vcenter.call<DownloadFileInfo>("downloadSession.file.prepare", input);
    return info.download_endpoint?.uri ?? `${info.status}: ${info.error_message?.default_message ?? ""}`;
  };
  return {
    simulator,
    vcenter,
    itemId,
    remoteItemId: simulator.inventory.item("mirror/remote").id,
    open,
    prepare,
    async fetch(sent = {}, file = "disk.vmdk") {
      return send(await prepare(await open(), file), sent, simulator.transferCertificate?.pem);
    },
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

/** An input with which each operation goes well, made on the scene as it is. */
export const goodInputs: Readonly<Record<ServedOperationId, (scene: Scene) => Input | Promise<Input>>> = {
  "session.create": () => ({}),
  "session.get": () => ({}),
  "session.delete": () => ({}),
  "library.list": () => ({}),
  "library.get": (at) => ({ library_id: libraryId(at, "images") }),
  "library.find": () => ({ name: "images", type: "LOCAL" }),
  "localLibrary.list": () => ({}),
  "localLibrary.get": (at) => ({ library_id: libraryId(at, "images") }),
  "localLibrary.create": () => ({ name: "new" }),
  "localLibrary.delete": (at) => ({ library_id: libraryId(at, "images") }),
  "subscribedLibrary.list": () => ({}),
  "subscribedLibrary.get": (at) => ({ library_id: libraryId(at, "mirror") }),
  "subscribedLibrary.sync": (at) => ({ library_id: libraryId(at, "mirror") }),
  "item.list": (at) => ({ library_id: libraryId(at, "images") }),
  "item.get": (at) => ({ library_item_id: at.itemId }),
  "item.find": () => ({ name: "APPLIANCE", cached: true }),
  "item.create": (at) => ({ library_id: libraryId(at, "images"), name: "new" }),
  "item.delete": (at) => ({ library_item_id: at.itemId }),
  "item.file.list": (at) => ({ library_item_id: at.itemId }),
  "item.file.get": (at) => ({ library_item_id: at.itemId, name: "disk.vmdk" }),
  "item.storage.list": (at) => ({ library_item_id: at.itemId }),
  "item.storage.get": (at) => ({ library_item_id: at.itemId, file_name: "disk.vmdk" }),
  "subscribedItem.sync": (at) => ({ library_item_id: at.remoteItemId, force_sync_content: true }),
  "downloadSession.create": (at) => ({ library_item_id: at.itemId }),
  "downloadSession.list": (at) => ({ library_item_id: at.itemId }),
  "downloadSession.get": session,
  "downloadSession.delete": session,
  "downloadSession.keepAlive": async (at) => ({ ...(await session(at)), progress: 10 }),
  "downloadSession.cancel": session,
  "downloadSession.fail": async (at) => ({ ...(await session(at)), client_error_message: "disk full" }),
  "downloadSession.file.list": session,
  "downloadSession.file.get": async (at) => ({ ...(await session(at)), file_name: "disk.vmdk" }),
  "downloadSession.file.prepare": async (at) => ({
    ...(await session(at)),
    file_name: "disk.vmdk",
    endpoint_type: "HTTPS",
  }),
  "updateSession.create": (at) => ({ library_item_id: at.itemId }),
  "updateSession.list": () => ({}),
  "updateSession.get": update,
  "updateSession.delete": async (at) => {
    const input = await update(at);
    await at.vcenter.call("updateSession.cancel", input);
    return input;
  },
  "updateSession.keepAlive": async (at) => ({ ...(await update(at)), client_progress: 10 }),
  "updateSession.complete": update,
  "updateSession.cancel": update,
  "updateSession.fail": async (at) => ({ ...(await update(at)), client_error_message: "disk full" }),
  "updateSession.file.add": async (at) => ({ ...(await update(at)), name: "new.iso", source_type: "PUSH", size: 3 }),
  "updateSession.file.list": update,
  "updateSession.file.get": async (at) => {
    const input = await update(at);
    await at.vcenter.call("updateSession.file.add", { ...input, name: "new.iso", source_type: "PUSH" });
    return { ...input, file_name: "new.iso" };
  },
  "updateSession.file.remove": async (at) => ({ ...(await update(at)), file_name: "disk.vmdk" }),
  "updateSession.file.validate": update,
};

function libraryId(at: Scene, name: string): string {
  return at.simulator.inventory.library(name).id;
}

async function session(at: Scene): Promise<Input> {
  return { download_session_id: await at.open() };
}

async function update(at: Scene): Promise<Input> {
  const id = await at.vcenter.call<string>("updateSession.create", { library_item_id: at.itemId });
  return { update_session_id: id };
}
