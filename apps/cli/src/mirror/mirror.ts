import type { DigestThread, FileLock } from "@carrel/node-stream/fs";
import type { Connection } from "../connection/connect.ts";
import type { TransferSettings } from "../settings/transfer-settings.ts";
import type { ManifestFile } from "./manifest-file.ts";

/** A folder that is being brought up to date. */
export interface Mirror {
  readonly connection: Connection;
  /** Absolute path. */
  readonly root: string;
  readonly lock: FileLock;
  /** Computes digests of files that are there. */
  readonly digests: DigestThread;
  readonly manifest: ManifestFile;
  readonly transfer: TransferSettings;
  readonly signal: AbortSignal;
}
