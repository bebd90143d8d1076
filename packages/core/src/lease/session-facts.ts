import { ProtocolError } from "../errors/protocol-error.ts";
import type { DownloadSessionModel } from "../gen/models.gen.ts";
import type { LeaseSession } from "./lease-snapshot.ts";
import type { SessionAnswer } from "./session-calls.ts";

/** The vendor's default, used where the server's clock cannot be read. */
const defaultLifeMs = 300_000;
const longestLifeMs = 24 * 3_600_000;

/** What a lease shows of a session. */
export function readSession(id: string, itemId: string, model: DownloadSessionModel): LeaseSession {
  const owner = model.library_item_id ?? itemId;
  if (owner !== itemId) throw new ProtocolError(`lease: session ${id} is on item ${owner}, not on ${itemId}`);
  return Object.freeze({
    id,
    itemId,
    contentVersion: model.library_item_content_version ?? "",
    progressPercent: model.client_progress ?? 0,
    expiresAt: new Date(model.expiration_time ?? Date.now() + defaultLifeMs),
  });
}

/** How long the session may live from now on, by the server's own clock; ours is never compared with it. */
export function readLife({ model, serverTimeMs }: SessionAnswer): number {
  const end = Date.parse(model.expiration_time ?? "");
  if (serverTimeMs === undefined || Number.isNaN(end)) return defaultLifeMs;
  const lifeMs = end - serverTimeMs;
  return lifeMs > 0 ? Math.min(lifeMs, longestLifeMs) : defaultLifeMs;
}
