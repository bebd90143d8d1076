import { isNotFound } from "@carrel/core/kit";
import type { Connections } from "../connections.ts";
import type { FleetDocument } from "../document.ts";
import type { FleetEvent } from "../events.ts";
import type { FleetStore } from "../store.ts";

/** What is swept with. */
export interface SweepWork {
  readonly store: FleetStore;
  readonly connections: Connections;
  readonly emit: (event: FleetEvent) => void;
}

/**
 * Ends download sessions that are written down and belong to no work any more: of workers that were killed while their item was
 * cancelled, or tried for the last time. What cannot be ended now stays written down.
 */
export async function sweep({ store, connections, emit }: SweepWork): Promise<void> {
  const { document } = (await store.readDocument()) ?? {};
  const ended = new Map<string, number>();
  for (const { job, attempt, vcenter, sessionId } of await store.abandonedWork()) {
    const isEnded = sessionId === undefined || (await endAbandoned(sessionId, vcenter, document, connections));
    if (!isEnded) continue;
    await store.deleteWork({ id: job, retryCount: attempt });
    if (sessionId !== undefined) ended.set(vcenter, (ended.get(vcenter) ?? 0) + 1);
  }
  for (const [vcenter, sessions] of ended) emit({ type: "swept", vcenter, sessions });
}

async function endAbandoned(
  sessionId: string,
  vcenter: string,
  document: FleetDocument | undefined,
  connections: Connections,
): Promise<boolean> {
  // Nothing is known any more of how to reach it.
  if (document?.vcenters[vcenter] === undefined) return true;
  try {
    const { client } = await connections.to(vcenter, document);
    await client.downloadSession.delete(sessionId);
    return true;
  } catch (error) {
    return isNotFound(error);
  }
}
