import type { WireStyle } from "@carrel/core";

/** A server that the exchanges are held with. It starts empty. */
export interface ServerUnderTest extends AsyncDisposable {
  readonly style: WireStyle;
  /** The origin, `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** The certificate that it presents, as PEM text. */
  readonly certificate: string;
  readonly user: string;
  readonly password: string;
  /** A datastore that libraries can be backed by. */
  readonly datastoreId: string;
}
