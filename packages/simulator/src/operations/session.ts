import type { ApiSessionInfo } from "@carrel/core";
import { isBasicLogin } from "../state/credentials.ts";
import { unauthenticated } from "../state/vapi-error.ts";
import type { ServiceHandlers } from "./handler.ts";

/** Operations of the service `session`. */
export const sessionHandlers: ServiceHandlers<"session"> = {
  "session.create": (_, { world, headers }) => {
    if (!isBasicLogin(headers.authorization, world.credentials)) throw unauthenticated();
    return world.apiSessions.create(world.credentials.username).id;
  },
  "session.get": (_, { session }): ApiSessionInfo => {
    return {
      user: session.user,
      created_time: session.createdTime.toISOString(),
      last_accessed_time: session.lastAccessedTime.toISOString(),
    };
  },
  "session.delete": (_, { world, session }) => {
    world.apiSessions.delete(session.id);
  },
};
