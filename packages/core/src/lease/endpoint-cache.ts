import type { TransferEndpoint } from "../gen/models.gen.ts";
import { abortable } from "../kit/signals.ts";
import type { DownloadLease } from "./download-lease.ts";

/** Remembers the endpoint of each file, and prepares a fresh one, once for all who ask, when it was rejected. */
export function endpointCache(prepare: DownloadLease["prepare"]): DownloadLease["endpoint"] {
  const known = new Map<
    string,
    { endpoint: TransferEndpoint | undefined; readonly promise: Promise<TransferEndpoint> }
  >();
  return async (fileName, { rejected, signal, ...options } = {}) => {
    signal?.throwIfAborted();
    let entry = known.get(fileName);
    if (!entry || (rejected !== undefined && entry.endpoint === rejected)) {
      // Not bound to the signal of the first caller, since others may be waiting for it too.
      const fresh = { endpoint: undefined as TransferEndpoint | undefined, promise: prepare(fileName, options) };
      fresh.promise.then(
        (endpoint) => (fresh.endpoint = endpoint),
        () => known.get(fileName) === fresh && known.delete(fileName),
      );
      known.set(fileName, fresh);
      entry = fresh;
    }
    return abortable(entry.promise, signal);
  };
}
