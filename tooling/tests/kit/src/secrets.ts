/** What a program was given and must not show. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Secrets that a text shows: the password, plain or as Basic authentication, and tokens of transfer URLs. */
export function secretsIn(text: string, { user, password }: Login): readonly string[] {
  const basic = Buffer.from(`${user}:${password}`).toString("base64");
  const transferUrls = text.match(/\/(?:cls|cis)\/data\/(?!\[redacted\])[^/\s]*/gu) ?? [];
  return [...[password, basic].filter((secret) => text.includes(secret)), ...transferUrls];
}
