import type { ApiSessionInfo } from "@carrel/core";
import type { ServiceHandlers } from "./handler.ts";

/** Operations of the service `session`. */
export const sessionHandlers: ServiceHandlers<"session"> = {
  "session.create": (_, { world, style, headers, setHeader }) => {
    const { id } = world.apiSessions.logIn(headers.authorization ?? "");
    if (style === "rest" && headers["vmware-use-header-authn"] === undefined) {
      setHeader("Set-Cookie", `vmware-api-session-id=${id};Path=/rest;HttpOnly`);
    }
    return id;
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
