import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";

const cookieName = "carrel-relay";
const mostLogins = 10_000;
/** How long a logout waits for calls that it may have overtaken on its way. */
const overtakingMs = 50;

/** The logins of pages. A login is what is in the page's cookie, and stands for a session id that stays here. */
export class PageLogins {
  readonly #path: string;
  readonly #onForget: (login: string) => void;
  readonly #tokens = new Map<string, string>();
  /** The calls that are under way, by login. */
  readonly #underWay = new Map<string, Set<Promise<unknown>>>();

  /** @param path - The path that cookies are sent below. */
  constructor(path: string, onForget: (login: string) => void) {
    this.#path = path;
    this.#onForget = onForget;
  }

  /** The login of a request, if it has one; it need not be known here. */
  of({ headers }: Request): string | undefined {
    return new RegExp(`(?:^|; *)${cookieName}=([\\w-]{32})(?:;|$)`, "u").exec(headers.get("cookie") ?? "")?.[1];
  }

  /** The session id. */
  token(login: string): string | undefined {
    return this.#tokens.get(login);
  }

  /** Keeps a session id. Returns the cookie that stands for it: a new one at each login, so that none can be planted. */
  keep(token: string, { headers }: Request): string {
    const login = randomBytes(24).toString("base64url");
    this.#tokens.set(login, token);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > mostLogins && oldest !== undefined) this.forget(oldest);
    const secure = headers.get("origin")?.startsWith("https:") ? "; Secure" : "";
    return `${cookieName}=${login}; Path=${this.#path}; HttpOnly; SameSite=Strict${secure}`;
  }

  forget(login: string): void {
    this.#tokens.delete(login);
    this.#onForget(login);
  }

  /**
   * Carries out a call of a login; a logout after all others. A page that is closed sends the request that ends its
   * download session and the logout at the same time, on two connections.
   */
  async inTurn<T>(login: string, isLogout: boolean, call: () => Promise<T>): Promise<T> {
    const others = this.#underWay.get(login) ?? new Set();
    if (isLogout) {
      await setTimeout(overtakingMs);
      await Promise.allSettled(others);
      return call();
    }
    const answer = call();
    this.#underWay.set(login, others.add(answer));
    try {
      return await answer;
    } finally {
      others.delete(answer);
      if (others.size === 0) this.#underWay.delete(login);
    }
  }
}
