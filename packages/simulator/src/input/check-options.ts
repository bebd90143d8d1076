import { modelSchemas } from "@carrel/core/operations";
import { checkFault } from "./faults.ts";
import { simulatorVersions } from "../model/versions.ts";
import { checkLibraries } from "./check-inventory.ts";
import { filledText, flag, hostName, arrayOf, milliseconds, objectOf, oneOf, refuse, text, whole } from "./check.ts";
import type { Check, Members } from "./check.ts";

const reported = oneOf(["always", "prepared", "downloaded", "never"]);
const activities = [
  "downloadSession.list",
  "downloadSession.get",
  "downloadSession.keepAlive",
  "downloadSession.file.list",
  "downloadSession.file.get",
  "downloadSession.file.prepare",
  "transfer",
];

/** Options that a seed file can contain too. */
export const seedMembers: Members = {
  version: oneOf(simulatorVersions),
  credentials: objectOf({ username: filledText, password: text }, ["username", "password"]),
  samlAssertions: arrayOf(text),
  missingPrivileges: arrayOf(filledText),
  libraries: checkLibraries,
  faults: arrayOf(checkFault),
  lease: objectOf({
    lifeMs: milliseconds,
    activity: arrayOf(oneOf(activities)),
    cleanUpDelayMs: milliseconds,
    expiredState: oneOf(["ERROR", "CANCELED"]),
  }),
  prepare: objectOf({
    requestedMs: milliseconds,
    preparingMs: milliseconds,
    uncached: oneOf(["refuse", "fetch"]),
    syncMs: milliseconds,
  }),
  report: objectOf({
    size: reported,
    checksum: reported,
    sizeDelayMs: milliseconds,
    checksumDelayMs: milliseconds,
    unset: oneOf(["absent", "null"]),
    checksumAlgorithm: oneOf(modelSchemas["ChecksumAlgorithm"]?.enum ?? []),
    itemChecksum: flag,
  }),
  transfer: objectOf({
    ranges: flag,
    ifRange: flag,
    head: flag,
    etag: flag,
    contentLength: flag,
    poolSize: whole(1),
    onSessionEnd: oneOf(["cut", "end", "continue"]),
    bytesPerSecond: whole(1),
  }),
  apiSessions: objectOf({ idleMs: milliseconds, absoluteMs: milliseconds, maxPerUser: whole(0) }),
  transferOrigin: oneOf(["same", "own"]),
  cors: flag,
  hosts: arrayOf(hostName),
  uploadLimitBytes: whole(0),
};

/** Checks the options of a simulator. */
export const checkOptions: Check = objectOf({
  ...seedMembers,
  port: whole(0, 65_535),
  tls: flag,
  journalLimit: whole(0),
  clock: (value, place) => {
    if (typeof value !== "object" || value === null || !("schedule" in value)) refuse(place, "a clock", value);
  },
});
