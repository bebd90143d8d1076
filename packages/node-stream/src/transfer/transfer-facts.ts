import type { ChecksumInfo, PackageNote, VerifiedBy } from "@carrel/core";
import type { Digests } from "./running-digest.ts";
import type { TransferValidator } from "./validator.ts";

/** What the first answer says of a file, before its bytes. */
export interface TransferHead {
  /** Length of the whole file, in bytes; `undefined` where the server does not state it. */
  readonly totalBytes: number | undefined;
  /** ETag and Last-Modified as the server sent them. */
  readonly validator: TransferValidator;
  /** Whether the server sent a part that was asked for, or says that it serves parts. */
  readonly acceptsRanges: boolean;
  /** Scheme, host and port that the bytes come from; `undefined` where none were needed. */
  readonly origin: string | undefined;
}

/** What is known of a transfer that is complete, just before its stream ends. */
export interface TransferFacts {
  /** Length of the file, in bytes; of a part of a file whose length the server does not state, where the part ends. */
  readonly sizeBytes: number;
  /**
   * How the bytes are known to be whole, strongest first. `nothing`: there was nothing to compare with, or only a part of
   * the file was read.
   */
  readonly verifiedBy: VerifiedBy;
  /** The checksum that the bytes were found to match, the server's or the manifest's. */
  readonly checksum: ChecksumInfo | undefined;
  /**
   * Why OVF manifests that should have proved the file do not; absent where they do, where the server's checksum does and
   * none contradicts it, or where there are none.
   */
  readonly doubts?: readonly PackageNote[];
  /** Digests over the whole file, as far as they were computed; hexadecimal, lower case. */
  readonly digests: Digests;
  /** Bytes that came over the network, those read more than once included. */
  readonly fetchedBytes: number;
  /**
   * `Content-Encoding` of the bytes, which were taken as they are, where neither the file's length nor its name explains
   * it; shortened, in quotes. Only a checksum or the file's own length can tell that they are the file's.
   */
  readonly contentEncoding: string | undefined;
  /** Origin that the bytes came from; `undefined` where none were needed. */
  readonly origin: string | undefined;
  /** How often the transfer resumed after an interruption. */
  readonly resumes: number;
  /** ETag and Last-Modified as the server sent them. */
  readonly validator: TransferValidator;
}
