import { ServerError } from "@carrel/core";
import type { AuthProvider } from "@carrel/core";

/** The user whose login was refused, by error. */
const users = new WeakMap<Error, string>();

/** Remembers who logs in, for the advice about a refusal. */
export function knownAs(user: string, auth: AuthProvider): AuthProvider {
  return {
    ...auth,
    async login(exchange, rejected) {
      try {
        return await auth.login(exchange, rejected);
      } catch (error) {
        if (error instanceof ServerError) users.set(error, user);
        throw error;
      }
    },
  };
}

/**
 * Returns the domain of the user whose login was refused, where it is not the vCenter's own: its accounts may be federated, and
 * then no password is accepted.
 */
export function refusedDomain(error: Error): string | undefined {
  const user = users.get(error) ?? "";
  const domain = /@([^@]+)$/u.exec(user)?.[1] ?? /^([^\\]+)\\/u.exec(user)?.[1];
  return domain?.toLowerCase() === "vsphere.local" ? undefined : domain;
}
