/** Works on values, a number of them at once, in order. After a failure nothing more is begun. */
export async function atOnce<T>(values: readonly T[], limit: number, work: (value: T) => Promise<void>): Promise<void> {
  const queue = values.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const value of queue) {
      if (failed) return;
      try {
        await work(value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(limit, values.length) }, worker));
  for (const result of ended) if (result.status === "rejected") throw result.reason;
}
