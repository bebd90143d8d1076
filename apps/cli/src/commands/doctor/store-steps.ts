import type { CredentialSource, S3Inspection, Support, Trial } from "@carrel/s3";
import { openInspection } from "../../connection/open-store.ts";
import { resolvePlace } from "../../output/place-path.ts";
import type { Run } from "../../run/run-command.ts";
import type { Checklist, CheckResult } from "./checklist.ts";
import type { DoctorFlags } from "./command.ts";
import { checkUploads } from "./store-uploads.ts";

const skewMs = 60_000;

const sources: Readonly<Record<CredentialSource, string>> = {
  caller: "given by the program",
  environment: "from AWS_ACCESS_KEY_ID in the environment",
  profile: "from a profile in ~/.aws",
  sso: "from a login of the AWS command line (SSO)",
  process: "from the command that a profile names",
  role: "of a role",
  container: "of this container",
  instance: "of this machine's instance",
  other: "found by the SDK",
};

/** Checks an object store, from the settings to what earlier runs left there. */
export async function checkStore(checklist: Checklist, address: string, flags: DoctorFlags, run: Run): Promise<void> {
  const { signal } = run;
  await using inspection = await openInspection(resolvePlace(address), flags, run);
  if (!(await checklist.check("settings", () => describeRoute(inspection)))) return;
  if (!(await checklist.check("credentials", () => describeCredentials(inspection)))) return;
  if (!(await checklist.check("bucket", () => listBucket(inspection)))) return;
  const trial = await checklist.check("trial", () => tryStore(inspection, signal));
  if (trial !== undefined) {
    await checklist.check("conditions", async () => describeConditions(trial));
    await checklist.check("checksums", async () => describeChecksums(trial));
    await checklist.check("clocks", async () => describeClocks(trial));
  }
  await checkUploads(checklist, inspection, flags, run);
  await checklist.check("lifecycle", () => describeLifecycle(inspection));
}

async function describeRoute(inspection: S3Inspection): Promise<CheckResult<true>> {
  const { endpoint, region } = await inspection.route();
  const message = `endpoint ${endpoint}, region ${region}`;
  if (!endpoint.startsWith("http:")) return { message, value: true };
  const hints = ["Use https://: over http:// others on the network can read the files and change them."];
  return { status: "warning", message, hints, value: true };
}

async function describeCredentials(inspection: S3Inspection): Promise<CheckResult<true>> {
  const { expiresAt, keyEnd, source } = await inspection.credentials();
  const until = expiresAt === undefined ? "" : `, valid until ${expiresAt.toISOString()}`;
  return { message: `${sources[source]}, the key that ends in ${keyEnd}${until}`, value: true };
}

async function listBucket(inspection: S3Inspection): Promise<CheckResult<true>> {
  await inspection.assertUsable();
  return { message: `${inspection.location} can be listed`, value: true };
}

async function tryStore(inspection: S3Inspection, signal: AbortSignal): Promise<CheckResult<Trial>> {
  const value = await inspection.tryStore(signal);
  return { message: "an object was written, read back, replaced by an upload in parts, and deleted", value };
}

function describeConditions({ completionConditions, writeConditions }: Trial): CheckResult<true> {
  if (writeConditions === "honoured" && completionConditions === "honoured") {
    return { message: "honoured by writes and by completions of uploads: no writer overwrites another", value: true };
  }
  const words: Readonly<Record<Support, string>> = {
    honoured: "honoured by",
    refused: "not known to",
    ignored: "IGNORED by",
  };
  const message = `${words[writeConditions]} writes, ${words[completionConditions]} completions of uploads`;
  const hints = ["Two runs could overwrite each other's files: let no other program write the same objects."];
  return { status: "warning", message, hints, value: true };
}

function describeChecksums({ checksums, damagedBytes }: Trial): CheckResult<true> {
  if (damagedBytes === "accepted") {
    const message = "bytes that were damaged on the way were ACCEPTED";
    const hints = ["Files may be damaged on their way into this store without anybody noticing: do not use it."];
    return { status: "warning", message, hints, value: true };
  }
  const words: Readonly<Record<Support, string>> = {
    honoured: "SHA-256 is checked and kept",
    refused: "SHA-256 is not known to the store: the signature of each request covers its bytes",
    ignored: "SHA-256 is checked, and not kept",
  };
  return { message: `${words[checksums]}; damaged bytes are refused`, value: true };
}

function describeClocks({ clockAheadMs }: Trial): CheckResult<true> {
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  const message = seconds <= 2 ? "in step" : `the store's is ${seconds} s ${clockAheadMs > 0 ? "ahead" : "behind"}`;
  if (Math.abs(clockAheadMs) < skewMs) return { message, value: true };
  const hints = ["Stores refuse requests of clocks that differ by 15 minutes: synchronize them (NTP)."];
  return { status: "warning", message, hints, value: true };
}

async function describeLifecycle(inspection: S3Inspection): Promise<CheckResult<true>> {
  const { endsUploadsAfterDays: days, rules, unknown } = await inspection.lifecycle();
  if (days !== undefined) {
    return { message: `a rule ends incomplete uploads after ${days} ${days === 1 ? "day" : "days"}`, value: true };
  }
  if (unknown !== undefined) {
    const message = `the store does not say whether a rule ends incomplete uploads (${unknown})`;
    const hints = ["Where there is none, end them from time to time: --end-uploads"];
    return { status: "warning", message, hints, value: true };
  }
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/su.exec(inspection.location) ?? [];
  const rule = {
    ID: "end-incomplete-uploads",
    Status: "Enabled",
    Filter: { Prefix: prefix === "" ? "" : `${prefix}/` },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  };
  const others = rules === 0 ? "" : ` The ${rules} that the bucket has must be in it, too, or they are removed.`;
  const hints = [
    `A run that is killed and never repeated leaves parts that cost money. Add this rule to the bucket ${bucket}:${others}`,
    JSON.stringify({ Rules: [rule] }),
    `Saved as rule.json: aws s3api put-bucket-lifecycle-configuration --bucket ${bucket} --lifecycle-configuration file://rule.json`,
  ];
  return { status: "warning", message: "no rule ends incomplete uploads", hints, value: true };
}
