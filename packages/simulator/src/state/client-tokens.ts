import { invalidArgument } from "../model/vapi-error.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** How many tokens are kept. How long a real server keeps them is unconfirmed. */
const limit = 10_000;

interface Used {
  readonly spec: string;
  readonly result: string;
}

/** Client tokens, which make creation idempotent: the same token returns the same object while it exists. */
export class ClientTokens {
  readonly #used = new Map<string, Used>();

  /**
   * Returns the result of an earlier creation with the same token, or that of `create`. Throws INVALID_ARGUMENT where the token
   * is not a UUID, or where its specification differs from the earlier one.
   */
  once(
    operation: string,
    token: string | undefined,
    spec: unknown,
    exists: (result: string) => boolean,
    create: () => string,
  ): string {
    if (token === undefined) return create();
    if (!uuid.test(token)) throw invalidArgument("The client token is not a UUID.", { client_token: token });
    const key = `${operation} ${token.toLowerCase()}`;
    const text = JSON.stringify(spec);
    const used = this.#used.get(key);
    if (used && exists(used.result)) {
      if (used.spec !== text) {
        throw invalidArgument("The client token was used before with another specification.", { client_token: token });
      }
      return used.result;
    }
    const result = create();
    const oldest = this.#used.size >= limit ? this.#used.keys().next().value : undefined;
    if (oldest !== undefined) this.#used.delete(oldest);
    this.#used.set(key, { spec: text, result });
    return result;
  }
}
