import { openApiSession } from "./open-api-session.ts";
import type { Vcsim } from "./vcsim.ts";

/** Asks vcsim which download sessions it still holds. Each one is somebody's that was not deleted. */
export async function listDownloadSessions(vcsim: Vcsim): Promise<readonly string[]> {
  await using session = await openApiSession(vcsim);
  const ids = await session.call("GET", "/content/library/item/download-session");
  return (ids as readonly string[] | null) ?? [];
}
