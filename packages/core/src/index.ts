export type { AuthProvider, LoginExchange } from "./auth/auth-provider.ts";
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
export type { Attempt, DiagnosticEvent } from "./diagnostics.ts";
export type { DownloadEvent, PlannedFile, VerifiedBy } from "./download/download-event.ts";
export { foldDownloadEvent, initialDownloadState } from "./download/download-state.ts";
export type { DownloadState, FileState } from "./download/download-state.ts";
export type { ArchiveReport, ManifestReport, PackageNote, PackageNoteReason } from "./download/package-report.ts";
export { CarrelError } from "./errors/carrel-error.ts";
export type { CarrelErrorCode, CarrelErrorJson, CarrelErrorOptions } from "./errors/carrel-error.ts";
export { CertificateError } from "./errors/certificate-error.ts";
export type { CertificateErrorOptions, CertificateProblem } from "./errors/certificate-error.ts";
export { IntegrityError } from "./errors/integrity-error.ts";
export type { IntegrityErrorOptions, IntegrityProblem } from "./errors/integrity-error.ts";
export { PrepareError } from "./errors/prepare-error.ts";
export { ProtocolError } from "./errors/protocol-error.ts";
export { ServerError } from "./errors/server-error.ts";
export type { ServerFailure } from "./errors/server-error.ts";
export { SessionLostError } from "./errors/session-lost-error.ts";
export type { SessionLostErrorOptions, SessionProblem } from "./errors/session-lost-error.ts";
export { TransferError } from "./errors/transfer-error.ts";
export type { TransferErrorOptions, TransferProblem } from "./errors/transfer-error.ts";
export { TransportError } from "./errors/transport-error.ts";
export type { TransportErrorOptions } from "./errors/transport-error.ts";
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
export type { RetryOptions } from "./http/retry-options.ts";
export type { DownloadLease, EndpointOptions, PrepareOptions } from "./lease/download-lease.ts";
export type { LeaseOptions } from "./lease/lease-options.ts";
export type { LeaseSession, LeaseSnapshot } from "./lease/lease-snapshot.ts";
export type { Logger } from "./logger.ts";
export type { WireStyle } from "./wire/codec.ts";
