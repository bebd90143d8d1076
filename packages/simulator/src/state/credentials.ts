/** The one user of the simulator. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Whether an `Authorization` header of the scheme Basic holds the credentials. */
export function isBasicLogin(authorization: string | undefined, credentials: Credentials): boolean {
  const match = /^basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(authorization ?? "");
  if (!match?.[1]) return false;
  const text = Buffer.from(match[1], "base64").toString("utf8");
  return text === `${credentials.username}:${credentials.password}`;
}
