import { gzipSync } from "node:zlib";
import { hex, pick } from "./random.ts";
import type { Random } from "./random.ts";

/** All secrets of one run. */
export interface Secrets {
  readonly password: string;
  readonly assertion: string;
  /** API session ids, one for each login. */
  readonly sessionIds: readonly [string, ...string[]];
  /** Path of the transfer URL, with its query. */
  readonly transferPath: string;
  readonly transferToken: string;
}

const oddEnds = ["", "!", ' "', "\\", "%41", "ä€", "'", "/+=", "<&>"] as const;

export function makeSecrets(random: Random): Secrets {
  const token = hex(random, 32);
  const folder = pick(random, ["/cls/data/", "/x/", "/files/of%20it/"]);
  return {
    password: `Pw-${hex(random, 8)}${pick(random, oddEnds)}`,
    assertion: `<Assertion>${hex(random, 16)}${pick(random, oddEnds)}</Assertion>`,
    sessionIds: [hex(random, 32), hex(random, 32), hex(random, 32)],
    transferPath: `${folder}${token}/disk%200.vmdk`,
    transferToken: token,
  };
}

/** The forms in which a server may repeat a secret. */
export function echoes(random: Random, secret: string, username: string): string {
  const bytes = Buffer.from(secret);
  return pick(random, [
    () => secret,
    () => secret,
    () => `no ${secret}!`,
    () => JSON.stringify(secret),
    () => JSON.stringify({ inner: JSON.stringify(secret) }),
    () => encodeURIComponent(secret),
    () => encodeURIComponent(encodeURIComponent(secret)),
    () => bytes.toString("base64"),
    () => Buffer.from(`${username}:${secret}`).toString("base64"),
    () => `Authorization: Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}`,
    () => `{"vmware-api-session-id": ${JSON.stringify(secret)}}`,
    () => secret.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;"),
    () => secret.repeat(40),
    () => `${"x".repeat(190)}${secret}`,
  ])();
}

/** Secrets that a text contains, as they are or in a form that can be decoded. */
export function shownIn(
  text: string,
  { password, assertion, sessionIds, transferPath, transferToken }: Secrets,
  username: string,
): string[] {
  const parts = [
    password,
    assertion,
    ...sessionIds,
    transferPath,
    transferToken,
    Buffer.from(password).toString("base64"),
    Buffer.from(`${username}:${password}`).toString("base64"),
    gzipSync(assertion).toString("base64").slice(20),
    // A part of a secret helps to guess the rest.
    password.slice(0, 11),
    assertion.slice(11, 27),
    ...[...sessionIds, transferToken].map((id) => id.slice(0, 12)),
  ].map((part) => part.replace(/=+$/, ""));
  const forms = new Set(parts.flatMap((part) => [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part)]));
  return [...forms].filter((form) => text.toLowerCase().includes(form.toLowerCase()));
}
