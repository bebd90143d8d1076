import type { DownloadSessionState, EndpointType, LocalizableMessage, Clock } from "@carrel/core";
import { randomBytes, randomUUID } from "node:crypto";
import type { Activity, LeaseRules } from "../model/rules.ts";
import type { Item } from "./library-store.ts";
import { message, notAllowed, notFound } from "../model/vapi-error.ts";

/** A download session as the simulator holds it. */
export interface DownloadSession {
  readonly id: string;
  /** The part of the transfer URLs that opens them; one for all files. */
  readonly token: string;
  readonly itemId: string;
  readonly user: string;
  readonly contentVersion: string;
  readonly mayReadStorage: boolean;
  state: DownloadSessionState;
  errorMessage: LocalizableMessage | undefined;
  progress: number;
  /** By the simulator's clock. */
  expiresAt: number;
  expirationTime: Date;
  expired: boolean;
  /** Aborted when the session ends: running transfers stop. */
  readonly end: AbortController;
  readonly files: Map<string, SessionFile>;
}

/** What a session knows of a file that was asked for. */
export interface SessionFile {
  requestedAt: number;
  endpointType: EndpointType;
  error: LocalizableMessage | undefined;
  /** When a transfer had sent the file's last byte, by the simulator's clock. */
  downloadedAt: number | undefined;
}

/** The download sessions and their leases. Nothing runs in the background: a session is judged when it is looked at. */
export class DownloadSessions {
  readonly #sessions = new Map<string, DownloadSession>();
  readonly #byToken = new Map<string, DownloadSession>();
  readonly #nodeId = randomUUID();
  readonly #clock: Clock;
  readonly #rules: Required<LeaseRules>;
  readonly #activity: ReadonlySet<Activity>;

  constructor(clock: Clock, rules: Required<LeaseRules>) {
    this.#clock = clock;
    this.#rules = rules;
    this.#activity = new Set(rules.activity);
  }

  create(item: Item, user: string, mayReadStorage: boolean): DownloadSession {
    const session: DownloadSession = {
      // Real ids are qualified with the node's id, so they hold a colon.
      id: `${randomUUID()}:${this.#nodeId}`,
      token: randomBytes(16).toString("hex"),
      itemId: item.id,
      user,
      contentVersion: String(item.contentVersion),
      mayReadStorage,
      state: "ACTIVE",
      errorMessage: undefined,
      progress: 0,
      expiresAt: this.#clock.now() + this.#rules.lifeMs,
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

  /** The session where it exists, in whatever state. */
  find(id: string): DownloadSession | undefined {
    const session = this.#sessions.get(id);
    return session && this.#judge(session) ? session : undefined;
  }

  /** The session whose transfer URLs carry the token, where it is ACTIVE. */
  findByToken(token: string): DownloadSession | undefined {
    const session = this.#byToken.get(token);
    return session && this.#judge(session) && session.state === "ACTIVE" ? session : undefined;
  }

  /** All sessions that exist, expired ones that wait for their clean-up included. */
  all(): readonly DownloadSession[] {
    return [...this.#sessions.values()].filter((session) => this.#judge(session));
  }

  /** Notes something that may count as activity. */
  touch(session: DownloadSession, activity: Activity): void {
    if (session.state !== "ACTIVE" || !this.#activity.has(activity)) return;
    session.expiresAt = this.#clock.now() + this.#rules.lifeMs;
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

  /** Ends an ACTIVE session; it stays until it is deleted. */
  finish(session: DownloadSession, state: DownloadSessionState, error?: LocalizableMessage): void {
    session.state = state;
    session.errorMessage = error;
    session.end.abort();
  }

  /** Ends a session as if its time were over. */
  expire(session: DownloadSession): void {
    session.expiresAt = Math.min(session.expiresAt, this.#clock.now());
    this.#judge(session);
  }

  delete(session: DownloadSession): void {
    this.#sessions.delete(session.id);
    this.#byToken.delete(session.token);
    session.end.abort();
  }

  /** Brings a session up to the present. False where it is gone. */
  #judge(session: DownloadSession): boolean {
    const now = this.#clock.now();
    if (session.state === "ACTIVE" && now >= session.expiresAt) {
      session.expired = true;
      this.finish(
        session,
        this.#rules.expiredState,
        this.#rules.expiredState === "ERROR" ? expiry(session) : undefined,
      );
    }
    if (session.expired && now >= session.expiresAt + this.#rules.cleanUpDelayMs) {
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
