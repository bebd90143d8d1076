/** How transfer URLs behave. Nothing of this is confirmed for real servers, so everything can be switched. */
export interface TransferRules {
  /**
   * Whether `Range` is honoured, with 206 and 416.
   * @defaultValue true
   */
  readonly ranges?: boolean;
  /**
   * Whether `If-Range` is honoured; where it is not, a range is served whatever it says.
   * @defaultValue true
   */
  readonly ifRange?: boolean;
  /**
   * Whether `HEAD` is answered; where it is not, with 405.
   * @defaultValue true
   */
  readonly head?: boolean;
  /**
   * Whether answers carry an `ETag`.
   * @defaultValue true
   */
  readonly etag?: boolean;
  /**
   * Whether answers carry a `Content-Length`; where they do not, bodies are chunked.
   * @defaultValue true
   */
  readonly contentLength?: boolean;
  /**
   * Transfers that run at a time; others wait for their turn before they are answered.
   * @defaultValue 20
   */
  readonly poolSize?: number;
  /**
   * What happens to a running transfer when its session ends: it is cut, it ends as if the file ended there (which only
   * a body without `Content-Length` can), or it goes on.
   * @defaultValue "cut"
   */
  readonly onSessionEnd?: "cut" | "end" | "continue";
  /**
   * Rate of each transfer.
   * @defaultValue as fast as the client takes it
   */
  readonly bytesPerSecond?: number | undefined;
}

/** The rules with what has a default filled in. */
export type FullTransferRules = Required<Omit<TransferRules, "bytesPerSecond">> & Pick<TransferRules, "bytesPerSecond">;

/** The rules with their defaults filled in. */
export function transferRules(rules: TransferRules): FullTransferRules {
  return {
    ranges: true,
    ifRange: true,
    head: true,
    etag: true,
    contentLength: true,
    poolSize: 20,
    onSessionEnd: "cut",
    ...rules,
  };
}
