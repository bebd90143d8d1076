import type { ChecksumInfo, LocalizableMessage } from "@carrel/core";
import type { Content } from "../content/content.ts";
import type { UpdateFileSourceType, UpdateFileStatus, UpdateSessionState } from "../gen/models.gen.ts";

/** An update session as the simulator holds it. */
export interface UpdateSession {
  readonly id: string;
  /** The part of the upload URLs that opens them. */
  readonly token: string;
  readonly itemId: string;
  readonly user: string;
  readonly contentVersion: string;
  state: UpdateSessionState;
  errorMessage: LocalizableMessage | undefined;
  progress: number;
  /** By the simulator's clock. */
  expiresAt: number;
  expirationTime: Date;
  /** Files to bring, by name. */
  readonly files: Map<string, UpdateFile>;
  /** Names of files to take away. */
  readonly removals: Set<string>;
}

/** A file that an update session brings. */
export interface UpdateFile {
  readonly name: string;
  readonly sourceType: UpdateFileSourceType;
  readonly sizeBytes: number | undefined;
  readonly checksum: ChecksumInfo | undefined;
  status: UpdateFileStatus;
  receivedBytes: number;
  error: LocalizableMessage | undefined;
  content: Content | undefined;
}
