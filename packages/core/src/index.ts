export type { AuthProvider, ApiSessionCalls } from "./auth/auth-provider.ts";
export { passwordAuth } from "./auth/password-auth.ts";
export type { PasswordCredentials } from "./auth/password-auth.ts";
export { samlAuth } from "./auth/saml-auth.ts";
export { tokenAuth } from "./auth/token-auth.ts";
export type { CallOptions, CreateOptions } from "./call-options.ts";
export type { CarrelClient } from "./client.ts";
export type { ClientOptions } from "./client-options.ts";
export { systemClock } from "./kit/time.ts";
export type { Clock } from "./kit/time.ts";
export { createClient } from "./create-client.ts";
export type { Attempt, DiagnosticEvent, Logger } from "./diagnostics.ts";
export type {
  DownloadEvent,
  DownloadSpace,
  NextAttempt,
  PlannedFile,
  StoredFile,
  VerifiedBy,
} from "./download/download-event.ts";
export { foldDownloadEvent, initialDownloadState } from "./download/download-state.ts";
export type { DownloadState, FileState, Reconnecting } from "./download/download-state.ts";
export type { ArchiveReport, ManifestReport, PackageNote, PackageNoteReason } from "./download/package-report.ts";
export { CarrelError } from "./errors/carrel-error.ts";
export type { CarrelErrorCode, CarrelErrorJson, CarrelErrorOptions } from "./errors/carrel-error.ts";
export { CertificateError, ProtocolError, ServerError, TransportError } from "./errors/call-errors.ts";
export type {
  CertificateErrorOptions,
  CertificateProblem,
  ServerFailure,
  TransportErrorOptions,
} from "./errors/call-errors.ts";
export { IntegrityError, TransferError } from "./errors/transfer-errors.ts";
export type {
  IntegrityErrorOptions,
  IntegrityProblem,
  TransferErrorOptions,
  TransferProblem,
} from "./errors/transfer-errors.ts";
export { PrepareError, SessionLostError } from "./errors/session-errors.ts";
export type { PrepareErrorOptions, SessionLostErrorOptions, SessionProblem } from "./errors/session-errors.ts";
export type * from "./gen/face.gen.ts";
export type {
  ApiSessionInfo,
  CertificateVerificationInfo,
  ChecksumAlgorithm,
  ChecksumInfo,
  DownloadFileInfo,
  DownloadFilePrepareSpec,
  DownloadFileRequest,
  DownloadFileStatus,
  DownloadSessionFailSpec,
  DownloadSessionKeepAliveSpec,
  DownloadSessionModel,
  DownloadSessionState,
  EndpointType,
  ErrorType,
  ItemFileInfo,
  ItemFileRequest,
  ItemFindSpec,
  ItemModel,
  ItemStorageInfo,
  ItemStorageRequest,
  LibraryFindSpec,
  LibraryModel,
  LibraryType,
  LocalizableMessage,
  StorageBacking,
  SubscribedItemSyncSpec,
  SubscriptionInfo,
  TransferEndpoint,
} from "./gen/models.gen.ts";
export type { InterceptedCall, Interceptor } from "./http/interceptor.ts";
export type { RetryOptions } from "./http/retry.ts";
export type { DownloadLease, EndpointOptions, LeaseOptions, PrepareOptions } from "./lease/download-lease.ts";
export type { LeaseEnd, LeaseSession, LeaseSnapshot } from "./lease/lease-snapshot.ts";
export type { WireStyle } from "./wire/codec.ts";
