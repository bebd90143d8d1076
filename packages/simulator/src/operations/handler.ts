import type { IncomingHttpHeaders } from "node:http";
import type { WireStyle } from "@carrel/core";
import type { ActiveFaults } from "../faults/active-faults.ts";
import type { ApiSession } from "../state/api-sessions.ts";
import type { World } from "../state/world.ts";
import type { ServedOperationId } from "../model/operations.ts";

/** Path, query and body parameters of a request under their own names, checked against the specification. */
export type Input = Readonly<Record<string, unknown>>;

/** The call of an operation, without its input. */
export interface OperationCall {
  readonly world: World;
  readonly style: WireStyle;
  readonly headers: IncomingHttpHeaders;
  /** The login of the call. Throws for operations that require none. */
  readonly session: ApiSession;
  readonly clientToken: string | undefined;
  /** Adds a header to the answer. */
  readonly setHeader: (name: string, value: string) => void;
  readonly faults: Pick<ActiveFaults, "fire">;
}

/**
 * Performs an operation and returns its result, in the form of the modern style. Throws {@link VapiError}.
 * Declared as a method, so that a handler may declare the members of its input: they were checked before.
 */
export type Handler = { act(input: Input, call: OperationCall): unknown }["act"];

export type LibraryId = { readonly library_id: string };
export type ItemId = { readonly library_item_id: string };
export type UpdateSessionId = { readonly update_session_id: string };
export type DownloadSessionId = { readonly download_session_id: string };

/** The handlers of one service, complete: `ServiceHandlers<"downloadSession.file">`. */
export type ServiceHandlers<Service extends string> = {
  readonly [
    Id in ServedOperationId as Id extends `${Service}.${infer Method}`
      ? Method extends `${string}.${string}`
        ? never
        : Id
      : never
  ]: Handler;
};
