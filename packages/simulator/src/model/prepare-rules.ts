/** How files are made ready, and how uncached ones come to the server. */
export interface PrepareRules {
  /**
   * Time in PREPARE_REQUESTED.
   * @defaultValue 0
   */
  readonly requestedMs?: number;
  /**
   * Time in PREPARING, in which `bytes_transferred` grows.
   * @defaultValue 0
   */
  readonly preparingMs?: number;
  /**
   * What prepare does for an item that is not cached: `refuse` gives status ERROR, `fetch` makes it ready like any other
   * and leaves the item cached. What a real server does is unconfirmed.
   * @defaultValue "refuse"
   */
  readonly uncached?: "refuse" | "fetch";
  /**
   * Time that a synchronisation of an item takes until it is cached.
   * @defaultValue 0
   */
  readonly syncMs?: number;
}

/** The rules with their defaults filled in. */
export function prepareRules(rules: PrepareRules): Required<PrepareRules> {
  return { requestedMs: 0, preparingMs: 0, uncached: "refuse", syncMs: 0, ...rules };
}
