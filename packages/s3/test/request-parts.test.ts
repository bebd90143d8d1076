import { expect, test } from "vitest";
import { credentialSource } from "../src/inspection/credential-source.ts";
import { uploadKeysOf } from "../src/store/keys.ts";
import { wholeChecksum } from "../src/store/request-parts.ts";

const sha256 = "MT22PgKDqyqbxy6aCsdJ2h06z3CPzRp4SHZyRN0vF+g=";

test("wholeChecksum takes the SHA-256 of an object, and not that of the checksums of its parts", () => {
  expect(wholeChecksum(sha256)).toBe(sha256);
  expect(wholeChecksum(`${sha256}-1`)).toBeUndefined();
  expect(wholeChecksum("")).toBeUndefined();
  expect(wholeChecksum(undefined)).toBeUndefined();
});

test.each([
  [["CREDENTIALS_ENV_VARS"], "environment"],
  [["CREDENTIALS_PROFILE"], "profile"],
  [["CREDENTIALS_PROFILE_SSO", "CREDENTIALS_SSO"], "sso"],
  [["CREDENTIALS_PROFILE_PROCESS", "CREDENTIALS_PROCESS"], "process"],
  [["CREDENTIALS_PROFILE_SOURCE_PROFILE", "CREDENTIALS_STS_ASSUME_ROLE"], "role"],
  [["CREDENTIALS_HTTP"], "container"],
  [["CREDENTIALS_IMDS"], "instance"],
  [["CREDENTIALS_CODE"], "caller"],
  [[], "other"],
] as const)("credentialSource of what the SDK notes as %j is %s", (names, source) => {
  expect(credentialSource({ $source: Object.fromEntries(names.map((name) => [name, "x"])) })).toBe(source);
});

test("uploadKeysOf names the records that a file may have, the nearest first", () => {
  expect(uploadKeysOf("lab/images/a b.iso")).toEqual([
    "lab/images/.carrel/uploads/a%20b.iso.json",
    "lab/.carrel/uploads/images%2Fa%20b.iso.json",
    ".carrel/uploads/lab%2Fimages%2Fa%20b.iso.json",
  ]);
});
