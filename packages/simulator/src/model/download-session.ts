import type { DownloadSessionState, EndpointType, LocalizableMessage } from "@carrel/core";

/** A download session as the simulator holds it. */
export interface DownloadSession {
  readonly id: string;
  /** The part of the transfer URLs that opens them; one for all files. */
  readonly token: string;
  readonly itemId: string;
  readonly user: string;
  readonly contentVersion: string;
  readonly mayReadStorage: boolean;
  state: DownloadSessionState;
  errorMessage: LocalizableMessage | undefined;
  progress: number;
  /** By the simulator's clock. */
  expiresAt: number;
  expirationTime: Date;
  expired: boolean;
  /** Aborted when the session ends: running transfers stop. */
  readonly end: AbortController;
  readonly files: Map<string, SessionFile>;
}

/** What a session knows of a file that was asked for. */
export interface SessionFile {
  requestedAt: number;
  endpointType: EndpointType;
  error: LocalizableMessage | undefined;
  /** When a transfer had sent the file's last byte, by the simulator's clock. */
  downloadedAt: number | undefined;
}
