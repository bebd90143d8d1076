/** An object, without its bytes. */
export interface ObjectHead {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of all bytes, base64, where the store keeps it. */
  readonly sha256: string | undefined;
}

/** An object with its text. */
export interface ObjectText {
  readonly text: string;
  readonly etag: string;
  readonly modifiedAtMs: number;
}

/** An object as it is listed. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAtMs: number;
}

/** A part of an upload. */
export interface UploadedPart {
  readonly number: number;
  readonly bytes: number;
  readonly etag: string;
  /** Base64; absent if the store keeps none. */
  readonly sha256: string | undefined;
}

/** An upload that is not completed. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly startedAt: Date | undefined;
}

/** Bytes with their SHA-256. */
export interface HashedBytes {
  readonly bytes: Uint8Array;
  readonly sha256: Buffer;
}
