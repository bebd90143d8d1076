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
 */
export async function inTurn(work: readonly Work[], { limit, signal }: InTurnOptions): Promise<void> {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const queue = work.values();
  let failure: { readonly error: unknown } | undefined;
  const runner = async (): Promise<void> => {
    for (const piece of queue) {
      if (either.aborted) return;
      try {
        await piece(either);
      } catch (error) {
        failure ??= { error };
        failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, work.length) }, runner));
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}
