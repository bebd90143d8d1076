import { LinkedAbort } from "@carrel/core/kit";

/** A piece of work. Its signal is aborted by the caller, or because another piece failed. */
export type Work = (signal: AbortSignal) => Promise<void>;

interface RunLimitedOptions {
  /** How many pieces run at once. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs pieces of work in order, at most `limit` of them at once. The first failure aborts the others; it is thrown after all
 * have ended, so that nothing continues after the call has ended.
 *
 * @private Does not follow semantic versioning.
 */
export async function runLimited(work: readonly Work[], { limit, signal }: RunLimitedOptions): Promise<void> {
  using abort = new LinkedAbort(signal);
  const queue = work.values();
  let failure: { readonly error: unknown } | undefined;
  const runPieces = async (): Promise<void> => {
    for (const piece of queue) {
      if (abort.signal.aborted) return;
      try {
        await piece(abort.signal);
      } catch (error) {
        failure ??= { error };
        abort.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, work.length) }, runPieces));
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}
