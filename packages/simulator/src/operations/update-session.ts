import { defined } from "@carrel/core/kit";
import type { UpdateSessionFailSpec, UpdateSessionKeepAliveSpec, UpdateSessionModel } from "../gen/models.gen.ts";
import type { UpdateSession } from "../state/update-sessions.ts";
import { message, notAllowed } from "../model/vapi-error.ts";
import type { World } from "../state/world.ts";
import type { ItemId, ServiceHandlers, UpdateSessionId } from "./handler.ts";
import { requireLocal } from "./item.ts";

/** Operations of the service `updateSession`. */
export const updateSessionHandlers: ServiceHandlers<"updateSession"> = {
  "updateSession.create": (input: ItemId, { world, session, clientToken }) => {
    const item = world.store.item(input.library_item_id);
    requireLocal(item.libraryId, world);
    return world.clientTokens.once(
      "updateSession.create",
      clientToken,
      item.id,
      (id) => world.updateSessions.find(id) !== undefined,
      () => world.updateSessions.create(item, session.user).id,
    );
  },
  "updateSession.list": (input: Partial<ItemId>, { world, session }) => {
    const itemId = input.library_item_id;
    if (itemId !== undefined) world.store.item(itemId);
    return world.updateSessions
      .all()
      .filter((each) => each.user === session.user && (itemId === undefined || each.itemId === itemId))
      .map((each) => each.id);
  },
  "updateSession.get": (input: UpdateSessionId, { world }) =>
    sessionModel(world.updateSessions.use(input.update_session_id)),
  "updateSession.delete": (input: UpdateSessionId, { world }) => {
    const session = world.updateSessions.use(input.update_session_id);
    if (session.state === "ACTIVE") {
      throw notAllowed(`The update session ${session.id} is ACTIVE: complete, cancel or fail it first.`, {
        id: session.id,
      });
    }
    world.updateSessions.delete(session);
  },
  "updateSession.keepAlive": (input: UpdateSessionId & UpdateSessionKeepAliveSpec, { world }) => {
    const session = world.updateSessions.useActive(input.update_session_id);
    session.progress = input.client_progress ?? session.progress;
  },
  "updateSession.complete": (input: UpdateSessionId, { world }) => {
    const session = world.updateSessions.useActive(input.update_session_id);
    const waiting = [...session.files.values()].filter((file) => file.status !== "READY").map((file) => file.name);
    if (waiting.length > 0) {
      throw notAllowed(`These files are missing or invalid: ${waiting.join(", ")}.`, { id: session.id });
    }
    publish(session, world);
    world.updateSessions.finish(session, "DONE");
  },
  "updateSession.cancel": (input: UpdateSessionId, { world }) => {
    world.updateSessions.finish(world.updateSessions.useActive(input.update_session_id), "CANCELED");
  },
  "updateSession.fail": (input: UpdateSessionId & UpdateSessionFailSpec, { world }) => {
    const text = input.client_error_message;
    world.updateSessions.finish(
      world.updateSessions.useActive(input.update_session_id),
      "ERROR",
      message("com.vmware.vdcs.cls-main.client_error", `The client reported: ${text}`, { message: text }),
    );
  },
};

function publish(session: UpdateSession, world: World): void {
  const put = [...session.files.values()].flatMap(({ name, content }) =>
    content ? [{ name, content, states: {} }] : [],
  );
  world.store.changeFiles(world.store.item(session.itemId), put, [...session.removals]);
}

function sessionModel(session: UpdateSession): UpdateSessionModel {
  return {
    id: session.id,
    library_item_id: session.itemId,
    library_item_content_version: session.contentVersion,
    ...defined({ error_message: session.errorMessage }),
    client_progress: session.progress,
    state: session.state,
    expiration_time: session.expirationTime.toISOString(),
  };
}
