import type { DownloadSession } from "../model/download-session.ts";
import type { World } from "../state/world.ts";

/** Looks after a session while a transfer runs, so that it ends in time though nobody asks for it. */
export function watchSession(session: DownloadSession, world: World): { readonly stop: () => void } {
  let cancel = (): void => {};
  const look = (): void => {
    if (!world.downloadSessions.find(session.id) || session.state !== "ACTIVE") return;
    cancel = world.clock.schedule(session.expiresAt - world.clock.now(), look, { background: true });
  };
  look();
  return { stop: () => cancel() };
}
