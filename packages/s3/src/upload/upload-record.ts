import type { VerifiedBy } from "@carrel/core";
import { isObject, parseJson } from "@carrel/core/kit";
import { isDigest, parseOwner } from "@carrel/node-stream/sink";
import type { Digest, TransferValidator } from "@carrel/node-stream";
import type { LockOwner } from "@carrel/node-stream/sink";
import type { PartPlan } from "./part-plan.ts";
import type { DigestStates } from "./running-digests.ts";

/** How far an upload is: after a whole part. */
export interface Milestone {
  readonly parts: number;
  readonly bytes: number;
  /** Over the lengths and ETags of these parts: another part in the place of one of them changes it. */
  readonly chain: string;
  readonly states: DigestStates;
}

/** What an upload is and how far it is. */
export interface UploadState {
  readonly uploadId: string;
  /** Is in the metadata of the object, by which a lost answer to its completion is recognised. */
  readonly mark: string;
  readonly plan: PartPlan;
  /** The digest in the metadata of the object, which is fixed since the upload began. */
  readonly stated?: Digest;
  readonly validator?: TransferValidator;
  /** The latest last. */
  readonly milestones: readonly Milestone[];
}

/** What was found about a whole file before it got its name. */
export interface Verdict {
  readonly bytes: number;
  readonly digest: Digest;
  readonly verifiedBy: VerifiedBy;
}

/** Of which content of which file a record is. */
export interface Identity {
  readonly origin: string;
  readonly itemId: string;
  readonly file: string;
  readonly contentVersion: string;
}

/** What is recorded of a file that a run works on or worked on. */
export interface UploadRecord extends Partial<Identity> {
  readonly format: 1;
  /** How many bytes a later run resumes. For people. */
  readonly bytes: number;
  /** The run that is at work; absent once it has ended. */
  readonly owner?: LockOwner;
  /** Rises for as long as the owner is alive. */
  readonly beat: number;
  readonly upload?: UploadState;
  readonly verdict?: Verdict;
}

/** Parses a record as if a stranger had written it; `undefined` if the text is not one. */
export function parseUploadRecord(text: string): UploadRecord | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value["format"] !== 1) return undefined;
  const { beat, bytes, contentVersion, file, itemId, origin, owner, upload, verdict } = value as Readonly<
    Record<keyof UploadRecord, unknown>
  >;
  const isComplete =
    isCount(beat) &&
    isCount(bytes) &&
    [contentVersion, file, itemId, origin].every((member) => member === undefined || typeof member === "string") &&
    (owner === undefined || parseOwner(`${JSON.stringify(owner)}\n`) !== undefined) &&
    (upload === undefined || isUpload(upload)) &&
    (verdict === undefined || isVerdict(verdict));
  return isComplete ? (value as unknown as UploadRecord) : undefined;
}

/** Returns whether a record is about the same content of the same file. */
export function isSameContent(record: Partial<Identity>, wanted: Identity): boolean {
  return (["origin", "itemId", "file", "contentVersion"] as const).every((member) => record[member] === wanted[member]);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isUpload(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { mark, milestones, plan, stated, uploadId, validator } = value as Readonly<Record<keyof UploadState, unknown>>;
  return (
    typeof uploadId === "string" &&
    typeof mark === "string" &&
    isObject(plan) &&
    isCount(plan["partBytes"]) &&
    typeof plan["isSizeKnown"] === "boolean" &&
    (stated === undefined || isDigest(stated)) &&
    (validator === undefined || isTexts(validator)) &&
    Array.isArray(milestones) &&
    milestones.every(isMilestone)
  );
}

function isMilestone(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { bytes, chain, parts, states } = value as Readonly<Record<keyof Milestone, unknown>>;
  return isCount(bytes) && isCount(parts) && parts > 0 && typeof chain === "string" && isTexts(states);
}

function isTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((member) => typeof member === "string");
}

const verdicts: readonly unknown[] = ["checksum", "manifest", "length", "nothing"] satisfies VerifiedBy[];

function isVerdict(value: unknown): boolean {
  return (
    isObject(value) && isCount(value["bytes"]) && isDigest(value["digest"]) && verdicts.includes(value["verifiedBy"])
  );
}
