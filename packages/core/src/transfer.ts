/**
 * The part of a transfer that needs neither sockets nor files, which `@carrel/node-stream` and `@carrel/web-stream` share: what
 * an answer says about the bytes, when another attempt is made, and what all bytes are compared with.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
export { readChecksum, isDigest, oneOfEach } from "./transfer/checksum.ts";
export type { DigestAlgorithm, Digest } from "./transfer/checksum.ts";
export { compareDelivered, factsOf } from "./transfer/conclude.ts";
export { encodingOf, isEncodedByName, unprovenEncoding, explainedByEncoding } from "./transfer/content-encoding.ts";
export { linkLocalError, checkEncryption, checkVersion, readEndpointUrl } from "./transfer/endpoint-rules.ts";
export { FileProof } from "./transfer/file-proof.ts";
export type { ArchiveJudge } from "./transfer/file-proof.ts";
export { gatherProof, explainMissing } from "./transfer/gather-proof.ts";
export {
  Interruption,
  exhausted,
  refusalOf,
  originsOf,
  StubbornInterruptions,
  lossOf,
  lastPart,
} from "./transfer/interruption.ts";
export { libraryFiles } from "./transfer/item-source.ts";
export type { SourceFile, FileWindow, FileFacts, PreparationOptions, ItemSource } from "./transfer/item-source.ts";
export { defaultFactsTimeoutMs, ServerHabits, settledFacts } from "./transfer/late-facts.ts";
export { LeaseSource, leaseEnded } from "./transfer/lease-source.ts";
export { ManifestCheck } from "./transfer/manifest-check.ts";
export type { DigestBytes } from "./transfer/manifest-check.ts";
export { maxManifestBytes, isManifest, isAppleDouble, parseManifest, unusable } from "./transfer/manifest.ts";
export type { Manifest } from "./transfer/manifest.ts";
export { nameProblem, nameKey, assertSafeNames, quote, memberPath } from "./transfer/names.ts";
export { noteText } from "./transfer/note-text.ts";
export { PackageCheck } from "./transfer/package-check.ts";
export type { Claim } from "./transfer/package-check.ts";
export { Patience, SharedPatience, isOutage, tracesOf, overcome } from "./transfer/patience.ts";
export type { PatienceSettings, OvercomeOptions } from "./transfer/patience.ts";
export { patienceOf, PatientSource } from "./transfer/patient-source.ts";
export type { Overcome } from "./transfer/patient-source.ts";
export { plainText } from "./transfer/plain-text.ts";
export { ProgressMeter, OverallProgress } from "./transfer/progress-meter.ts";
export { Progress } from "./transfer/progress.ts";
export type { ProgressSettings } from "./transfer/progress.ts";
export { deferredProof, allAlgorithms, expectedProof } from "./transfer/proof.ts";
export type { ProofResult, Proof } from "./transfer/proof.ts";
export { readHead, parseContentRange, ifRange, pageInPlace } from "./transfer/response-head.ts";
export type { ResponseHead, TransferValidator } from "./transfer/response-head.ts";
export { rangeHeaders, judgeResponse } from "./transfer/resume-rules.ts";
export type { TransferState, ResponseVerdict, GoodVerdict } from "./transfer/resume-rules.ts";
export type { Digests, Hasher, CreateHasher } from "./transfer/running-digest.ts";
export { SessionSource } from "./transfer/session-source.ts";
export { startTask } from "./transfer/task.ts";
export type { Task } from "./transfer/task.ts";
export type { TransferExpectation, TransferResume, TransferHead, TransferFacts } from "./transfer/transfer-facts.ts";
export type { EndpointRequest, LeasedEndpoint, TransferSource } from "./transfer/transfer-source.ts";
export { readTransferUrl } from "./transfer/transfer-url.ts";
export type { TransferUrl } from "./transfer/transfer-url.ts";
export { verifyFile, contradicted, checkRequired, isEnough, requireVerified } from "./transfer/verify-file.ts";
export type { RequiredVerification } from "./transfer/verify-file.ts";
export { Silence, Watchdog } from "./transfer/watchdog.ts";
