import { LinkedAbort } from "@carrel/core/kit";

/** A piece of work. Its signal is aborted by the caller, or because another piece failed. */
export type Work = (signal: AbortSignal) => Promise<void>;

interface InTurnOptions {
  /** How many at once. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/**
 * Does pieces of work in order, some at once. The first failure aborts the others; it is thrown after
 * all have come to rest, so that nothing goes on behind the caller's back.
 *
 * @private Does not follow semantic versioning.
 */
export async function inTurn(work: readonly Work[], { limit, signal }: InTurnOptions): Promise<void> {
  using abort = new LinkedAbort(signal);
  const queue = work.values();
  let failure: { readonly error: unknown } | undefined;
  const runner = async (): Promise<void> => {
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
  await Promise.all(Array.from({ length: Math.min(limit, work.length) }, runner));
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}
