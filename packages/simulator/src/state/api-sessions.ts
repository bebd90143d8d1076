import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { Clock } from "@carrel/core";
import type { ApiSessionLimits } from "../model/rules.ts";
import type { Credentials, SimulatorOptions } from "../model/simulator-options.ts";
import { message, unauthenticated, VapiError } from "../model/vapi-error.ts";

/** One login. */
export interface ApiSession {
  readonly id: string;
  readonly user: string;
  readonly createdTime: Date;
  lastAccessedTime: Date;
  /** By the simulator's clock, as `usedAtMs`. */
  readonly createdAtMs: number;
  usedAtMs: number;
}

/** The logins, and who may log in. */
export class ApiSessions {
  readonly credentials: Credentials;
  readonly #sessions = new Map<string, ApiSession>();
  readonly #clock: Clock;
  readonly #limits: Required<ApiSessionLimits>;
  readonly #samlAssertions: readonly string[];

  constructor(clock: Clock, options: Pick<SimulatorOptions, "credentials" | "samlAssertions" | "apiSessions">) {
    const { credentials, samlAssertions = [], apiSessions } = options;
    this.credentials = credentials ?? { username: "administrator@vsphere.local", password: "VMware1!" };
    this.#clock = clock;
    this.#limits = { idleMs: 1_800_000, absoluteMs: 86_400_000, maxPerUser: 550, ...apiSessions };
    this.#samlAssertions = samlAssertions;
  }

  /** Logs in by an `Authorization` header. Throws UNAUTHENTICATED where it is not a known login. */
  logIn(authorization: string): ApiSession {
    const isKnown = isBasicLogin(authorization, this.credentials) || isSamlLogin(authorization, this.#samlAssertions);
    if (!isKnown) throw unauthenticated();
    const user = this.credentials.username;
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
      createdAtMs: this.#clock.now(),
      usedAtMs: this.#clock.now(),
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Returns the login with that id and counts this as use. Throws UNAUTHENTICATED where it does not exist or has expired. */
  use(id: string | undefined): ApiSession {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (!session || this.#hasExpired(session)) {
      if (session) this.#sessions.delete(session.id);
      throw unauthenticated();
    }
    session.usedAtMs = this.#clock.now();
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
      if (this.#hasExpired(session)) this.#sessions.delete(session.id);
    }
    return [...this.#sessions.values()];
  }

  #hasExpired(session: ApiSession): boolean {
    const now = this.#clock.now();
    return now - session.usedAtMs >= this.#limits.idleMs || now - session.createdAtMs >= this.#limits.absoluteMs;
  }
}

/** Whether an `Authorization` header of the scheme Basic contains the credentials. */
function isBasicLogin(authorization: string, credentials: Credentials): boolean {
  const encoded = /^basic\s+([A-Za-z0-9+/=]+)\s*$/iu.exec(authorization)?.[1];
  if (encoded === undefined) return false;
  return Buffer.from(encoded, "base64").toString("utf8") === `${credentials.username}:${credentials.password}`;
}

/** Whether an `Authorization` header of the scheme SIGN contains one of the assertions, gzipped and in base64. */
function isSamlLogin(authorization: string, assertions: readonly string[]): boolean {
  const token = /^sign\s.*?\btoken="([A-Za-z0-9+/=]+)"/iu.exec(authorization)?.[1];
  if (token === undefined) return false;
  try {
    return assertions.includes(gunzipSync(Buffer.from(token, "base64")).toString("utf8"));
  } catch {
    return false;
  }
}
