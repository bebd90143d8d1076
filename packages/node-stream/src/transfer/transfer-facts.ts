import type { ChecksumInfo } from "@carrel/core";
import type { Digests } from "./running-digest.ts";
import type { TransferValidator } from "./validator.ts";

/** What is known of a transfer that is whole, just before its stream ends. */
export interface TransferFacts {
  /** Length of the file, in bytes. */
  readonly sizeBytes: number;
  /** How the bytes are known to be whole, strongest first; `nothing`: there was nothing to check against. */
  readonly verifiedBy: "checksum" | "length" | "nothing";
  /** The checksum that the bytes were found to match. */
  readonly checksum: ChecksumInfo | undefined;
  /** Digests over the whole file, as far as they were computed; hexadecimal, lower case. */
  readonly digests: Digests;
  /** Bytes that came over the network, those read more than once included. */
  readonly fetchedBytes: number;
  /** How often the transfer went on after a break. */
  readonly resumes: number;
  /** ETag and Last-Modified as the server sent them. */
  readonly validator: TransferValidator;
}
