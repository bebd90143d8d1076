import { createSecrets } from "@carrel/core/kit";
import { VcspError } from "../errors.ts";

/** The name that subscribers log in with; the format knows no other. */
const subscriberName = "vcsp";

/** The password of the user `vcsp`, or where it is to be had once the server requires it. */
export type SubscriptionPassword = string | ((signal: AbortSignal) => Promise<string>);

/** The login of a subscriber. The password is sent only after the server has required one. */
export class Login implements Disposable {
  /** What the header `Authorization` says from now on; a secret. */
  authorization: string | undefined;
  readonly #origin: string;
  readonly #password: SubscriptionPassword | undefined;
  readonly #secrets = createSecrets();
  #asking: Promise<string> | undefined;

  constructor(origin: string, password: SubscriptionPassword | undefined) {
    this.#origin = origin;
    this.#password = password;
  }

  /**
   * Takes note that the server requires a login. `sent` is what it refused.
   * @throws {@link VcspError} `login`: there is no password, or it is wrong.
   */
  async require(sent: string | undefined, signal: AbortSignal): Promise<void> {
    if (sent !== undefined && sent === this.authorization) throw this.refusal();
    if (this.#password === undefined) {
      throw new VcspError(`The server at ${this.#origin} requires the password of the user ${subscriberName}`, {
        problem: "login",
      });
    }
    this.#asking ??= typeof this.#password === "string" ? Promise.resolve(this.#password) : this.#password(signal);
    const authorization = `Basic ${Buffer.from(`${subscriberName}:${await this.#asking}`).toString("base64")}`;
    this.#secrets.addAuthorization(authorization);
    this.authorization = authorization;
  }

  /** The error for a password that the server does not accept. */
  refusal(cause?: unknown): VcspError {
    const message = `The server at ${this.#origin} refuses the password of the user ${subscriberName}`;
    return new VcspError(message, { problem: "login", cause });
  }

  /** Forgets the password. */
  [Symbol.dispose](): void {
    this.#secrets.clear();
  }
}
