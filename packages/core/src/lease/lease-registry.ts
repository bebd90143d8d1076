/** The leases of a client that are not over yet, so that disposing the client ends them before it logs out. */
export interface LeaseRegistry {
  add(lease: AsyncDisposable): void;
  delete(lease: AsyncDisposable): void;
  disposeAll(): Promise<void>;
}

/** An empty registry. */
export function createLeaseRegistry(): LeaseRegistry {
  const leases = new Set<AsyncDisposable>();
  return {
    add: (lease) => void leases.add(lease),
    delete: (lease) => void leases.delete(lease),
    async disposeAll() {
      await Promise.all(Array.from(leases, (lease) => lease[Symbol.asyncDispose]()));
    },
  };
}
