/** One request that vcsim answered. */
export interface VcsimExchange {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  /** 0 when the handler died without an answer. */
  readonly status: number;
}

/** A running vcsim, with all that a client needs to reach it. Disposal stops it and removes its files. */
export interface Vcsim extends AsyncDisposable {
  /** The origin, `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** SHA-256 of the certificate it presents: upper-case hex with colons. */
  readonly thumbprint: string;
  /** The same certificate as PEM text. */
  readonly certificate: string;
  readonly user: string;
  /** A new one at each start. vcsim refuses any other. */
  readonly password: string;
  /** The datastore that libraries can be backed by. */
  readonly datastoreId: string;
  /** Every request answered so far, oldest first. An entry may arrive a moment after its answer. */
  readonly journal: readonly VcsimExchange[];
  /** The end of what vcsim wrote to its log. */
  readonly log: string;
}
