/** How many calls of the API one command makes at once. */
export const concurrentCalls = 16;

/**
 * Works on values, at most `limit` of them at once, begun in their order. Yields the results in the order of the values, each
 * as soon as those before it are there. After a failure, or when the reader leaves, nothing more is begun; what was begun
 * comes to rest before this does.
 */
export async function* concurrently<T, R>(
  values: readonly T[],
  limit: number,
  work: (value: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  const begun: Promise<R>[] = [];
  let running = 0;
  let isOver = false;
  // A slow one holds up the results after it, but not the work: the next begins when any has ended.
  const begin = (): void => {
    while (running < limit && begun.length < values.length) {
      const result = work(values[begun.length] as T);
      begun.push(result);
      running += 1;
      result.then(onEnd, () => (isOver = true));
    }
  };
  const onEnd = (): void => {
    running -= 1;
    if (!isOver) begin();
  };
  try {
    begin();
    for (let index = 0; index < begun.length; index += 1) yield await (begun[index] as Promise<R>);
  } finally {
    isOver = true;
    await Promise.allSettled(begun);
  }
}

/** All values of an async iterable, in an array. */
export async function collect<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
