/** Throws where a condition does not hold. The scenarios run where assertion libraries do not. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`This does not hold: ${what}`);
}

/** What a promise rejects with. Throws where it does not. */
export async function rejectionOf(promise: Promise<unknown>, what: string): Promise<unknown> {
  const nothing = {};
  const reason = await promise.then(
    () => nothing,
    (error: unknown) => error,
  );
  check(reason !== nothing, `${what} rejects`);
  return reason;
}
