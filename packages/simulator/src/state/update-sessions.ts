import type { ChecksumInfo, LocalizableMessage, Clock } from "@carrel/core";
import type { Content } from "../content/content.ts";
import type { UpdateFileSourceType, UpdateFileStatus, UpdateSessionState } from "../gen/models.gen.ts";
import { randomUUID } from "node:crypto";
import type { Item } from "./library-store.ts";
import { VapiError, message, notAllowed, notFound } from "../model/vapi-error.ts";

/** An update session as the simulator holds it. */
export interface UpdateSession {
  readonly id: string;
  /** The part of the upload URLs that opens them. */
  readonly token: string;
  readonly itemId: string;
  readonly user: string;
  readonly contentVersion: string;
  state: UpdateSessionState;
  errorMessage: LocalizableMessage | undefined;
  progress: number;
  /** By the simulator's clock. */
  expiresAt: number;
  expirationTime: Date;
  /** Files to bring, by name. */
  readonly files: Map<string, UpdateFile>;
  /** Names of files to take away. */
  readonly removals: Set<string>;
}

/** A file that an update session brings. */
export interface UpdateFile {
  readonly name: string;
  readonly sourceType: UpdateFileSourceType;
  readonly sizeBytes: number | undefined;
  readonly checksum: ChecksumInfo | undefined;
  status: UpdateFileStatus;
  receivedBytes: number;
  error: LocalizableMessage | undefined;
  content: Content | undefined;
}

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

/** How much of what is uploaded is kept in memory. */
export class UploadSpace {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Takes space for some bytes. Returns whether there was enough. */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  /** Whether there is space for some bytes. */
  hasRoomFor(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.limitBytes;
  }

  /** Gives back what was taken for bytes that are not kept. */
  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
