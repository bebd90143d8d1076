import { IntegrityError } from "@carrel/core";
import type { LeasedEndpoint, TransferSource } from "@carrel/core/transfer";

/**
 * Lets several transfers of one file share an endpoint: the source is asked once, and again only when a transfer was refused.
 *
 * The result throws an {@link IntegrityError} `INTEGRITY` where a later endpoint belongs to another content version.
 */
export function rememberEndpoint(source: TransferSource): TransferSource {
  if (typeof source !== "function") return source;
  let known: Promise<LeasedEndpoint> | undefined;
  let contentVersion: string | undefined;
  return async (request) => {
    const before = known;
    const endpoint = await before?.catch(() => undefined);
    // Another transfer may have replaced the endpoint that this one was refused.
    const isRejected = request.cause !== undefined && (request.rejected ?? endpoint?.endpoint) === endpoint?.endpoint;
    if (endpoint !== undefined && !isRejected && endpoint.signal?.aborted !== true) return endpoint;
    if (known === before) {
      known = source(request).then((given) => ("endpoint" in given ? given : { endpoint: given }));
      known.catch(() => {});
    }
    const renewed = await (known as Promise<LeasedEndpoint>);
    const { contentVersion: now } = renewed;
    if (contentVersion !== undefined && now !== undefined && now !== contentVersion) {
      throw new IntegrityError(
        `The item changed while it was read: its content version was ${contentVersion} and is now ${now}`,
        { problem: "changed" },
      );
    }
    contentVersion ??= now;
    return renewed;
  };
}
