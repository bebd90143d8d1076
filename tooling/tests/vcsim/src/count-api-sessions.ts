import type { VcsimExchange } from "./vcsim.ts";

const path = "/rest/com/vmware/cis/session";

/** Counts the logins in vcsim's journal that were not followed by a logout. */
export function countApiSessions(journal: readonly VcsimExchange[]): number {
  const done = journal.filter(({ uri, status }) => uri === path && status === 200);
  const logins = done.filter(({ method }) => method === "POST").length;
  return logins - done.filter(({ method }) => method === "DELETE").length;
}
