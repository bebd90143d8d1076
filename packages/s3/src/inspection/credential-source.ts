import { isObject } from "@carrel/core/kit";

/**
 * Where credentials come from: `environment` (`AWS_ACCESS_KEY_ID`), `profile` (the files in `~/.aws`), `sso` (a login of the AWS command
 * line), `process` (a command that a profile names), `role` (of a web identity or a profile), `container` and `instance` (of the
 * machine), `caller` (given by the program), or `other`.
 */
export type CredentialSource =
  | "caller"
  | "environment"
  | "profile"
  | "sso"
  | "process"
  | "role"
  | "container"
  | "instance"
  | "other";

/** By what the SDK notes of the providers that it went through; those that say more come first. */
const known: readonly (readonly [RegExp, CredentialSource])[] = [
  [/SSO/u, "sso"],
  [/PROCESS/u, "process"],
  [/STS|ROLE/u, "role"],
  [/HTTP/u, "container"],
  [/IMDS/u, "instance"],
  [/PROFILE/u, "profile"],
  [/ENV_VARS/u, "environment"],
  [/CODE/u, "caller"],
];

/** Returns where credentials come from. */
export function credentialSource(credentials: unknown): CredentialSource {
  const noted = isObject(credentials) && isObject(credentials["$source"]) ? Object.keys(credentials["$source"]) : [];
  return known.find(([name]) => noted.some((each) => name.test(each)))?.[1] ?? "other";
}
