import type { CallOptions } from "../call-options.ts";

/** Options of {@link CarrelClient.lease}. */
export interface LeaseOptions extends CallOptions {
  /**
   * Renew when this share of the granted time has passed, less a random part of up to a tenth. Between 0 and 1.
   * @defaultValue 1 / 3
   */
  readonly renewAt?: number;
  /**
   * What disposal does to the session on the server. `cancel` also aborts running transfers of others; `keep` leaves
   * it to whoever adopts it, or to expire.
   * @defaultValue "delete"
   */
  readonly onDispose?: "delete" | "cancel" | "keep";
  /**
   * Identifier of an existing session to take over instead of creating one.
   * @defaultValue none
   */
  readonly adopt?: string;
  /**
   * The content version that the session must be on. For going on after a loss: the bytes that are there already are
   * of this version only. A session on another one is ended again.
   * @defaultValue any
   */
  readonly contentVersion?: string;
}
