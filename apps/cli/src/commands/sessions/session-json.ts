import type { DownloadFileInfo } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { readChecksum } from "@carrel/node-stream/fs";
import { isoTime, versionOf } from "../../output/wire-values.ts";
import type { Version } from "../../output/wire-values.ts";
import type { SessionEntry } from "./list-sessions.ts";

/** A download session, for programs. */
export interface SessionLine {
  readonly type: "session";
  readonly sessionId: string;
  /** `ACTIVE`, `CANCELED` or `ERROR`. */
  readonly state?: string;
  /** Name of the item, where it still exists. */
  readonly item?: string;
  readonly itemId?: string;
  readonly contentVersion?: Version;
  /** What the client reported, 0 to 100. */
  readonly progressPercent?: number;
  /** The earliest time at which the server may end it. */
  readonly expiresAt?: string;
  /** Why it failed, in the words of the server. */
  readonly message?: string;
  readonly files: readonly SessionFile[];
}

/** A file of a session. */
export interface SessionFile {
  readonly file: string;
  /** `UNPREPARED`, `PREPARE_REQUESTED`, `PREPARING`, `PREPARED` or `ERROR`. */
  readonly status: string;
  /** What the server moved to prepare it. */
  readonly preparedBytes: number;
  readonly sizeBytes?: number;
  readonly checksum?: { readonly algorithm: string; readonly hex: string };
  /** Why it could not be prepared, in the words of the server. */
  readonly message?: string;
}

/** Describes a download session for programs, without transfer URLs. */
export function sessionJson(session: SessionEntry): SessionLine {
  const { id, itemName, files, error_message: error } = session;
  return {
    type: "session",
    sessionId: id,
    ...defined({
      state: session.state,
      item: itemName,
      itemId: session.library_item_id,
      contentVersion: versionOf(session.library_item_content_version),
      progressPercent: session.client_progress,
      expiresAt: isoTime(session.expiration_time),
      message: error?.localized ?? error?.default_message,
    }),
    files: files.map(fileJson),
  };
}

function fileJson({ name, status, bytes_transferred, ...rest }: DownloadFileInfo): SessionFile {
  const { size, checksum_info: checksum, error_message: error } = rest;
  return {
    file: name,
    status,
    preparedBytes: bytes_transferred,
    ...defined({
      sizeBytes: size,
      checksum: readChecksum(checksum),
      message: error?.localized ?? error?.default_message,
    }),
  };
}
