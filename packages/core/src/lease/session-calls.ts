import { ProtocolError } from "../errors/call-errors.ts";
import type {
  DownloadFileInfo,
  DownloadFilePrepareSpec,
  DownloadSessionModel,
  ItemFileInfo,
} from "../gen/models.gen.ts";
import { operations } from "../gen/operations.gen.ts";
import type { OperationId } from "../gen/operations.gen.ts";
import type { CreateOptions } from "../call-options.ts";
import type { AttemptOptions } from "../http/attempt.ts";
import type { Caller } from "../http/caller.ts";
import type { LeaseSession } from "./lease-snapshot.ts";

/** A session as the server has it, and the server's clock at the time of the answer. */
export interface SessionAnswer {
  readonly model: DownloadSessionModel;
  readonly serverTimeMs: number | undefined;
}

/** The calls that a lease makes. */
export interface SessionCalls {
  create(itemId: string, options: AttemptOptions & CreateOptions): Promise<string>;
  get(id: string, options: AttemptOptions): Promise<SessionAnswer>;
  /** Returns the server's clock at the time of the renewal. */
  keepAlive(id: string, percent: number | undefined, options: AttemptOptions): Promise<number | undefined>;
  end(id: string, how: "delete" | "cancel", options: AttemptOptions): Promise<void>;
  files(id: string, options: AttemptOptions): Promise<readonly DownloadFileInfo[]>;
  file(id: string, fileName: string, options: AttemptOptions): Promise<DownloadFileInfo>;
  itemFiles(itemId: string, options: AttemptOptions): Promise<readonly ItemFileInfo[]>;
  prepare(id: string, spec: DownloadFilePrepareSpec, options: AttemptOptions): Promise<DownloadFileInfo>;
}

/** Makes the calls of a lease from the caller of a client. */
export function createSessionCalls(caller: Caller): SessionCalls {
  const perform = (id: OperationId, args: readonly string[], input: object | undefined, options: AttemptOptions) =>
    caller(operations[id], { args, input }, options);
  return {
    async create(itemId, options) {
      return (await perform("downloadSession.create", [], { library_item_id: itemId }, options)).result as string;
    },
    async get(id, options) {
      const { result, serverTimeMs } = await perform("downloadSession.get", [id], undefined, options);
      return { model: result as DownloadSessionModel, serverTimeMs };
    },
    async keepAlive(id, percent, options) {
      const input = percent === undefined ? undefined : { progress: percent };
      return (await perform("downloadSession.keepAlive", [id], input, options)).serverTimeMs;
    },
    async end(id, how, options) {
      await perform(`downloadSession.${how}`, [id], undefined, options);
    },
    async files(id, options) {
      return (await perform("downloadSession.file.list", [id], undefined, options))
        .result as readonly DownloadFileInfo[];
    },
    async file(id, fileName, options) {
      return (await perform("downloadSession.file.get", [id], { file_name: fileName }, options))
        .result as DownloadFileInfo;
    },
    async itemFiles(itemId, options) {
      return (await perform("item.file.list", [itemId], undefined, options)).result as readonly ItemFileInfo[];
    },
    async prepare(id, spec, options) {
      return (await perform("downloadSession.file.prepare", [id], spec, options)).result as DownloadFileInfo;
    },
  };
}

/** The vendor's default, used where the server's clock is unknown. */
const defaultLifeMs = 300_000;
const longestLifeMs = 24 * 3_600_000;

/** Reads the session of a lease. */
export function readSession(id: string, itemId: string, model: DownloadSessionModel): LeaseSession {
  const owner = model.library_item_id ?? itemId;
  if (owner !== itemId) throw new ProtocolError(`Download session ${id} is on item ${owner}, not on ${itemId}`);
  return Object.freeze({
    id,
    itemId,
    contentVersion: model.library_item_content_version ?? "",
    progressPercent: model.client_progress ?? 0,
    expiresAt: new Date(model.expiration_time ?? Date.now() + defaultLifeMs),
  });
}

/** Returns how long the session may live from now on, by the server's clock only; the local clock may differ. */
export function readLife({ model, serverTimeMs }: SessionAnswer): number {
  const end = Date.parse(model.expiration_time ?? "");
  if (serverTimeMs === undefined || Number.isNaN(end)) return defaultLifeMs;
  const lifeMs = end - serverTimeMs;
  return lifeMs > 0 ? Math.min(lifeMs, longestLifeMs) : defaultLifeMs;
}
