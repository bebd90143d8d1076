import { createClient, passwordAuth, SessionLostError } from "@carrel/core";
import type { CarrelClient, DownloadLease, LeaseSnapshot } from "@carrel/core";
import { preparedFile, reopenWhenLost, session$ } from "@carrel/rx";

const auth = passwordAuth({ username: "reader@vsphere.local", password: "correct horse" });

/** As it is written where the end of a block is not the end of the use: in an effect of a screen, say. */
export function useClient(): () => Promise<void> {
  const client: CarrelClient = createClient({ endpoint: "vc.example.test", auth });
  return () => client.close();
}

export async function byName(client: CarrelClient, itemId: string): Promise<string[]> {
  const lease: DownloadLease = await client.lease(itemId);
  try {
    const names: string[] = [];
    for (const file of await lease.files()) names.push(file.name);
    return names;
  } finally {
    await lease.close();
  }
}

export async function byBlock(itemId: string): Promise<LeaseSnapshot["phase"]> {
  await using client = createClient({ endpoint: "https://vc.example.test", auth });
  await using lease = await client.lease(itemId, { onClose: "cancel" });
  lease.signal.addEventListener("abort", () => {
    const reason: unknown = lease.signal.reason;
    if (reason instanceof SessionLostError && reason.problem === "lost") console.warn(reason.message);
  });
  for await (const snapshot of lease) return snapshot.phase;
  return "ended";
}

export async function bySymbol(client: CarrelClient): Promise<void> {
  await client[Symbol.asyncDispose]();
}

export const endpoint$ = (client: CarrelClient) =>
  session$(client, "item-1").pipe(reopenWhenLost(), preparedFile("disk.vmdk"));
