import { randomUUID } from "node:crypto";
import type { Clock, LocalizableMessage } from "@carrel/core";
import type { UpdateSessionState } from "../gen/models.gen.ts";
import type { Item } from "../model/library.ts";
import type { UpdateSession } from "../model/update-session.ts";
import { VapiError, message, notAllowed, notFound } from "../model/vapi-error.ts";

/** The update sessions. Any operation on one, and each upload, counts as activity; an expired one is gone at once. */
export class UpdateSessions {
  readonly #sessions = new Map<string, UpdateSession>();
  readonly #nodeId = randomUUID();
  readonly #clock: Clock;
  readonly #lifeMs: number;

  constructor(clock: Clock, lifeMs: number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  create(item: Item, user: string): UpdateSession {
    if (this.all().some((session) => session.itemId === item.id && session.state === "ACTIVE")) {
      throw new VapiError("RESOURCE_BUSY", [
        message(
          "com.vmware.vdcs.cls-main.resource_busy",
          `The library item ${item.id} has an ACTIVE update session already.`,
          {
            id: item.id,
          },
        ),
      ]);
    }
    const session: UpdateSession = {
      id: `${randomUUID()}:${this.#nodeId}`,
      token: randomUUID(),
      itemId: item.id,
      user,
      contentVersion: String(item.contentVersion),
      state: "ACTIVE",
      errorMessage: undefined,
      progress: 0,
      expiresAt: 0,
      expirationTime: new Date(0),
      files: new Map(),
      removals: new Set(),
    };
    this.#sessions.set(session.id, session);
    this.touch(session);
    return session;
  }

  /** The session, which is used by this. */
  use(id: string): UpdateSession {
    const session = this.find(id);
    if (!session) throw notFound("update session", id);
    this.touch(session);
    return session;
  }

  /** The session, which is used by this and must be ACTIVE. */
  useActive(id: string): UpdateSession {
    const session = this.use(id);
    if (session.state !== "ACTIVE") {
      throw notAllowed(`The update session ${id} is in state ${session.state}, not ACTIVE.`, {
        id,
        state: session.state,
      });
    }
    return session;
  }

  find(id: string): UpdateSession | undefined {
    const session = this.#sessions.get(id);
    return session && this.#isThere(session) ? session : undefined;
  }

  findByToken(token: string): UpdateSession | undefined {
    return this.all().find((session) => session.token === token && session.state === "ACTIVE");
  }

  all(): readonly UpdateSession[] {
    return [...this.#sessions.values()].filter((session) => this.#isThere(session));
  }

  touch(session: UpdateSession): void {
    if (session.state !== "ACTIVE") return;
    session.expiresAt = this.#clock.now() + this.#lifeMs;
    session.expirationTime = new Date(this.#clock.wall() + this.#lifeMs);
  }

  finish(session: UpdateSession, state: UpdateSessionState, error?: LocalizableMessage): void {
    session.state = state;
    session.errorMessage = error;
  }

  delete(session: UpdateSession): void {
    this.#sessions.delete(session.id);
  }

  #isThere(session: UpdateSession): boolean {
    const over = session.state === "ACTIVE" && this.#clock.now() >= session.expiresAt;
    if (over) this.#sessions.delete(session.id);
    return !over;
  }
}
