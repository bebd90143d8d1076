import { gunzipSync } from "node:zlib";
import type { Credentials } from "../model/simulator-options.ts";
import { randomBytes } from "node:crypto";
import type { Clock } from "@carrel/core";
import type { ApiSessionLimits } from "../model/rules.ts";
import { message, unauthenticated, VapiError } from "../model/vapi-error.ts";

/** One login. */
export interface ApiSession {
  readonly id: string;
  readonly user: string;
  readonly createdTime: Date;
  lastAccessedTime: Date;
  readonly createdAt: number;
  usedAt: number;
}

/** The logins. */
export class ApiSessions {
  readonly #sessions = new Map<string, ApiSession>();
  readonly #clock: Clock;
  readonly #limits: Required<ApiSessionLimits>;

  constructor(clock: Clock, limits: ApiSessionLimits) {
    this.#clock = clock;
    this.#limits = { idleMs: 1_800_000, absoluteMs: 86_400_000, maxPerUser: 550, ...limits };
  }

  create(user: string): ApiSession {
    if (this.open.filter((session) => session.user === user).length >= this.#limits.maxPerUser) {
      throw new VapiError("SERVICE_UNAVAILABLE", [
        message(
          "com.vmware.vapi.endpoint.failedToLoginMaxUserSessionCountReached",
          `The user already has ${this.#limits.maxPerUser} sessions, which is the limit.`,
        ),
      ]);
    }
    const now = new Date(this.#clock.wall());
    const session: ApiSession = {
      id: randomBytes(16).toString("hex"),
      user,
      createdTime: now,
      lastAccessedTime: now,
      createdAt: this.#clock.now(),
      usedAt: this.#clock.now(),
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The login with that id, which is used by this. Throws where there is none, or no longer. */
  use(id: string | undefined): ApiSession {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (!session || this.#isOver(session)) {
      if (session) this.#sessions.delete(session.id);
      throw unauthenticated();
    }
    session.usedAt = this.#clock.now();
    session.lastAccessedTime = new Date(this.#clock.wall());
    return session;
  }

  delete(id: string): void {
    this.#sessions.delete(id);
  }

  /** Ends every login, as an administrator or a restart would. */
  expireAll(): void {
    this.#sessions.clear();
  }

  get open(): readonly ApiSession[] {
    for (const session of this.#sessions.values()) {
      if (this.#isOver(session)) this.#sessions.delete(session.id);
    }
    return [...this.#sessions.values()];
  }

  #isOver(session: ApiSession): boolean {
    const now = this.#clock.now();
    return now - session.usedAt >= this.#limits.idleMs || now - session.createdAt >= this.#limits.absoluteMs;
  }
}

/** Whether an `Authorization` header of the scheme Basic holds the credentials. */
export function isBasicLogin(authorization: string, credentials: Credentials): boolean {
  const encoded = /^basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(authorization)?.[1];
  if (encoded === undefined) return false;
  return Buffer.from(encoded, "base64").toString("utf8") === `${credentials.username}:${credentials.password}`;
}

/** Whether an `Authorization` header of the scheme SIGN holds one of the assertions, compressed and base64. */
export function isSamlLogin(authorization: string, assertions: readonly string[]): boolean {
  const token = /^sign\s.*?\btoken="([A-Za-z0-9+/=]+)"/i.exec(authorization)?.[1];
  if (token === undefined) return false;
  try {
    return assertions.includes(gunzipSync(Buffer.from(token, "base64")).toString("utf8"));
  } catch {
    return false;
  }
}
