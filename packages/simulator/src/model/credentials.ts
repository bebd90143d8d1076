import { gunzipSync } from "node:zlib";

/** The one user of the simulator. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
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
