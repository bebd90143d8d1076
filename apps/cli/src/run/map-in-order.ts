export { collect } from "../concurrently.ts";

/**
 * Maps over values with at most a number of calls in flight; results come in the order of the values, each as soon as
 * those before it are there. After a failure, or when the reader leaves, no further call is begun.
 */
export async function* mapInOrder<T, R>(
  values: readonly T[],
  limit: number,
  map: (value: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  const pending: Promise<R>[] = [];
  let next = 0;
  try {
    while (next < values.length || pending.length > 0) {
      while (next < values.length && pending.length < limit) {
        const call = map(values[next] as T);
        // Seen to when its turn comes; not unhandled until then.
        call.catch(() => undefined);
        pending.push(call);
        next += 1;
      }
      yield await (pending.shift() as Promise<R>);
    }
  } finally {
    await Promise.allSettled(pending);
  }
}
