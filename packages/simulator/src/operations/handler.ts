import type { IncomingHttpHeaders } from "node:http";
import type { WireStyle } from "@carrel/core";
import type { ActiveFaults } from "../faults/active-faults.ts";
import type { ApiSession } from "../state/api-sessions.ts";
import type { World } from "../state/world.ts";
import type { ServedOperationId } from "../model/operations.ts";

/** Path, query and body parameters of a request under their own names, checked against the specification. */
export type Input = Readonly<Record<string, unknown>>;

/** What surrounds the input of an operation. */
export interface Call {
  readonly world: World;
  readonly style: WireStyle;
  readonly headers: IncomingHttpHeaders;
  /** The login in use. Throws for operations that need none. */
  readonly session: ApiSession;
  readonly clientToken: string | undefined;
  /** Adds a header to the answer. */
  readonly setHeader: (name: string, value: string) => void;
  readonly faults: Pick<ActiveFaults, "fire">;
}

/**
 * Carries an operation out and returns its result, in the modern style's form. Throws {@link VapiError}.
 * Written as a method, so that a handler may name the members of its input, which the check has made sure of.
 */
export type Handler = { act(input: Input, call: Call): unknown }["act"];

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
