/** Creates and ends API sessions in the wire style in use. The client passes it to an {@link AuthProvider}. */
export interface ApiSessionCalls {
  /**
   * Sends one login with the given `Authorization` header and returns the API session id. From then on the credentials
   * in the header are hidden in every error and diagnostic event, and so are the `secrets` that it was made from.
   */
  create(authorization: string, secrets?: readonly string[]): Promise<string>;
  /** Ends an API session. */
  delete(token: string): Promise<void>;
}

/**
 * Supplies API session ids. The client asks once, keeps the id and shares it among all calls; after a 401 it asks
 * again, once for all calls that wait.
 */
export interface AuthProvider {
  /**
   * Returns an API session id. `rejected` is the one that the server has just refused.
   * @throws {@link ServerError} `AUTH`: the login was refused. This is final: the client does not log in again.
   */
  login(exchange: ApiSessionCalls, rejected: string | undefined): Promise<string>;
  /** Ends the API session, if this provider created it. The client calls it when it closes. */
  logout(exchange: ApiSessionCalls, token: string): Promise<void>;
}
