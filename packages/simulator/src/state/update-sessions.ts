import type { ChecksumInfo, LocalizableMessage, Clock } from "@carrel/core";
import type { Content } from "../content/content.ts";
import type { UpdateFileSourceType, UpdateFileStatus, UpdateSessionState } from "../gen/models.gen.ts";
import { randomUUID } from "node:crypto";
import type { Item } from "./library-store.ts";
import { VapiError, message, notAllowed, notFound } from "../model/vapi-error.ts";

/** An update session in the simulator. */
export interface UpdateSession {
  readonly id: string;
  /** The secret part of the upload URLs. */
  readonly token: string;
  readonly itemId: string;
  readonly user: string;
  readonly contentVersion: string;
  state: UpdateSessionState;
  errorMessage: LocalizableMessage | undefined;
  progress: number;
  /** By `now()` of the simulator's clock. */
  expiresAtMs: number;
  expirationTime: Date;
  /** Files to add or to replace, by name. */
  readonly files: Map<string, UpdateFile>;
  /** Names of files to remove. */
  readonly removals: Set<string>;
}

/** A file that an update session adds or replaces. */
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

/** The update sessions. Every operation on one and every upload count as activity; an expired one is deleted at once. */
export class UpdateSessions {
  readonly #sessions = new Map<string, UpdateSession>();
  readonly #nodeId = randomUUID();
  readonly #clock: Clock;
  readonly #lifeMs: number;

  constructor(clock: Clock, lifeMs = 300_000) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  create(item: Item, user: string): UpdateSession {
    if (this.all().some((session) => session.itemId === item.id && session.state === "ACTIVE")) {
      throw new VapiError("RESOURCE_BUSY", [
        message(
          "com.vmware.vdcs.cls-main.resource_busy",
          `The library item ${item.id} already has an ACTIVE update session.`,
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
      expiresAtMs: 0,
      expirationTime: new Date(0),
      files: new Map(),
      removals: new Set(),
    };
    this.#sessions.set(session.id, session);
    this.touch(session);
    return session;
  }

  /** Returns the session and extends it. */
  use(id: string): UpdateSession {
    const session = this.find(id);
    if (!session) throw notFound("update session", id);
    this.touch(session);
    return session;
  }

  /** Returns the session, which must be ACTIVE, and extends it. */
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
    return session && this.#exists(session) ? session : undefined;
  }

  findByToken(token: string): UpdateSession | undefined {
    return this.all().find((session) => session.token === token && session.state === "ACTIVE");
  }

  all(): readonly UpdateSession[] {
    return [...this.#sessions.values()].filter((session) => this.#exists(session));
  }

  touch(session: UpdateSession): void {
    if (session.state !== "ACTIVE") return;
    session.expiresAtMs = this.#clock.now() + this.#lifeMs;
    session.expirationTime = new Date(this.#clock.wall() + this.#lifeMs);
  }

  finish(session: UpdateSession, state: UpdateSessionState, error?: LocalizableMessage): void {
    session.state = state;
    session.errorMessage = error;
  }

  delete(session: UpdateSession): void {
    this.#sessions.delete(session.id);
  }

  #exists(session: UpdateSession): boolean {
    const over = session.state === "ACTIVE" && this.#clock.now() >= session.expiresAtMs;
    if (over) this.#sessions.delete(session.id);
    return !over;
  }
}

/** Memory for uploaded bytes. */
export class UploadSpace {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number = 1024 ** 3) {
    this.limitBytes = limitBytes;
  }

  /** Reserves space. Returns false where there is not enough. */
  reserve(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  /** Whether there is enough space. */
  hasRoomFor(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.limitBytes;
  }

  /** Releases space that was reserved. */
  release(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
