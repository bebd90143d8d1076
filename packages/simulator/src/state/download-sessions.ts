import type { DownloadSessionState, EndpointType, LocalizableMessage, Clock } from "@carrel/core";
import { randomBytes, randomUUID } from "node:crypto";
import { fillLeaseRules } from "../model/rules.ts";
import type { Activity, LeaseRules } from "../model/rules.ts";
import type { Item } from "./library-store.ts";
import { message, notAllowed, notFound } from "../model/vapi-error.ts";

/** A download session in the simulator. */
export interface DownloadSession {
  readonly id: string;
  /** The secret part of the transfer URLs, one for all files. */
  readonly token: string;
  readonly itemId: string;
  readonly user: string;
  readonly contentVersion: string;
  readonly mayReadStorage: boolean;
  state: DownloadSessionState;
  errorMessage: LocalizableMessage | undefined;
  progress: number;
  /** By `now()` of the simulator's clock. */
  expiresAtMs: number;
  expirationTime: Date;
  expired: boolean;
  /** Aborted when the session ends: running transfers stop. */
  readonly end: AbortController;
  readonly files: Map<string, SessionFile>;
}

/** A file that a session was asked to prepare. */
export interface SessionFile {
  requestedAtMs: number;
  endpointType: EndpointType;
  error: LocalizableMessage | undefined;
  /** When a transfer had sent the last byte of the file, by the simulator's clock. */
  downloadedAtMs: number | undefined;
}

/** The download sessions and their leases. Nothing runs in the background: a session expires when it is accessed. */
export class DownloadSessions {
  readonly #sessions = new Map<string, DownloadSession>();
  readonly #byToken = new Map<string, DownloadSession>();
  readonly #nodeId = randomUUID();
  readonly #clock: Clock;
  readonly #rules: Required<LeaseRules>;
  readonly #activity: ReadonlySet<Activity>;

  constructor(clock: Clock, rules: LeaseRules | undefined) {
    this.#clock = clock;
    this.#rules = fillLeaseRules(rules);
    this.#activity = new Set(this.#rules.activity);
  }

  create(item: Item, user: string, mayReadStorage: boolean): DownloadSession {
    const session: DownloadSession = {
      // Real identifiers are qualified by that of the node, so they contain a colon.
      id: `${randomUUID()}:${this.#nodeId}`,
      token: randomBytes(16).toString("hex"),
      itemId: item.id,
      user,
      contentVersion: String(item.contentVersion),
      mayReadStorage,
      state: "ACTIVE",
      errorMessage: undefined,
      progress: 0,
      expiresAtMs: this.#clock.now() + this.#rules.lifeMs,
      expirationTime: new Date(this.#clock.wall() + this.#rules.lifeMs),
      expired: false,
      end: new AbortController(),
      files: new Map(),
    };
    this.#sessions.set(session.id, session);
    this.#byToken.set(session.token, session);
    return session;
  }

  get(id: string): DownloadSession {
    const session = this.find(id);
    if (!session) throw notFound("download session", id);
    return session;
  }

  /** Returns the session in any state, where it exists. */
  find(id: string): DownloadSession | undefined {
    const session = this.#sessions.get(id);
    return session && this.#refresh(session) ? session : undefined;
  }

  /** Returns the session whose transfer URLs contain the token, where it is ACTIVE. */
  findByToken(token: string): DownloadSession | undefined {
    const session = this.#byToken.get(token);
    return session && this.#refresh(session) && session.state === "ACTIVE" ? session : undefined;
  }

  /** All sessions that exist, including expired ones that are not deleted yet. */
  all(): readonly DownloadSession[] {
    return [...this.#sessions.values()].filter((session) => this.#refresh(session));
  }

  /** Extends a session where the activity counts. */
  touch(session: DownloadSession, activity: Activity): void {
    if (session.state !== "ACTIVE" || !this.#activity.has(activity)) return;
    session.expiresAtMs = this.#clock.now() + this.#rules.lifeMs;
    session.expirationTime = new Date(this.#clock.wall() + this.#rules.lifeMs);
  }

  requireActive(session: DownloadSession): void {
    if (session.state !== "ACTIVE") {
      throw notAllowed(`The download session ${session.id} is in state ${session.state}, not ACTIVE.`, {
        id: session.id,
        state: session.state,
      });
    }
  }

  /** Ends an ACTIVE session; it exists until it is deleted. */
  finish(session: DownloadSession, state: DownloadSessionState, error?: LocalizableMessage): void {
    session.state = state;
    session.errorMessage = error;
    session.end.abort();
  }

  /** Expires a session. */
  expire(session: DownloadSession): void {
    session.expiresAtMs = Math.min(session.expiresAtMs, this.#clock.now());
    this.#refresh(session);
  }

  delete(session: DownloadSession): void {
    this.#sessions.delete(session.id);
    this.#byToken.delete(session.token);
    session.end.abort();
  }

  /** Expires or deletes a session that is due. Returns false where it is deleted. */
  #refresh(session: DownloadSession): boolean {
    const now = this.#clock.now();
    if (session.state === "ACTIVE" && now >= session.expiresAtMs) {
      session.expired = true;
      this.finish(
        session,
        this.#rules.expiredState,
        this.#rules.expiredState === "ERROR" ? expiry(session) : undefined,
      );
    }
    if (session.expired && now >= session.expiresAtMs + this.#rules.cleanUpDelayMs) {
      this.delete(session);
      return false;
    }
    return true;
  }
}

function expiry(session: DownloadSession): LocalizableMessage {
  return message("com.vmware.vdcs.cls-main.session_expired", `The download session ${session.id} has expired.`, {
    id: session.id,
  });
}
