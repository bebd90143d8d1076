/** Creates and ends API sessions in the wire style in use. Given to an {@link AuthProvider} by the client. */
export interface ApiSessionCalls {
  /**
   * Sends one login with the given `Authorization` header and returns the API session id. What the header shows is
   * hidden in every error and diagnostic from then on, and so is each of `secrets`: what it was made of.
   */
  create(authorization: string, secrets?: readonly string[]): Promise<string>;
  /** Ends an API session. */
  delete(token: string): Promise<void>;
}

/**
 * Supplies API session ids. The client asks once, keeps the answer, and shares it among all callers;
 * after a 401 it asks again, once for all that wait.
 */
export interface AuthProvider {
  /**
   * An API session id. `rejected` is the one that the server has just refused.
   * @throws {@link ServerError} `AUTH`: the login was refused. Final: it is not tried again.
   */
  login(exchange: ApiSessionCalls, rejected: string | undefined): Promise<string>;
  /** Called when the client is disposed. Ends the API session, if this provider created it. */
  logout(exchange: ApiSessionCalls, token: string): Promise<void>;
}
