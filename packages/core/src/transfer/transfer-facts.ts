import type { CarrelError } from "../errors/carrel-error.ts";
import type { ChecksumInfo } from "../gen/models.gen.ts";
import type { NextAttempt, VerifiedBy } from "../download/download-event.ts";
import type { PackageNote } from "../download/package-report.ts";
import type { Digests } from "./running-digest.ts";
import type { TransferValidator } from "./response-head.ts";

/** What the bytes are expected to be. */
export interface TransferExpectation {
  /**
   * Length of the whole file, in bytes. Not the `size` of a library item's file, which is the space used on storage.
   * @defaultValue what the server states
   */
  readonly sizeBytes?: number;
  /**
   * Checksum of the whole file, or a function that returns it once all bytes have arrived, because a server may state
   * it only then. The stream does not end before; `undefined` means that there is none.
   * @defaultValue none
   */
  readonly checksum?: ChecksumInfo | (() => Promise<ChecksumInfo | undefined>);
  /**
   * ETag and Last-Modified of an earlier transfer of the same file, with `startByte`: where the server's differ, the
   * file is read from its start and compared with `prefix`; without a `prefix` the stream fails.
   * @defaultValue none
   */
  readonly validator?: TransferValidator;
}

/** A transfer resumes after an interruption. */
export interface TransferResume extends NextAttempt {
  /** The next byte of the file. */
  readonly fromByte: number;
  /** Why it was interrupted. */
  readonly cause: CarrelError;
}

/** What the first response states about a file, before its bytes. */
export interface TransferHead {
  /** Length of the whole file, in bytes; `undefined` where the server does not state it. */
  readonly totalBytes: number | undefined;
  /** ETag and Last-Modified as the server sent them. */
  readonly validator: TransferValidator;
  /** Whether the server sent a requested range, or states that it serves ranges. */
  readonly acceptsRanges: boolean;
  /** Scheme, host and port that the bytes come from; `undefined` where none were needed. */
  readonly origin: string | undefined;
}

/** What is known of a transfer that is complete, just before its stream ends. */
export interface TransferFacts {
  /** Length of the file, in bytes; of a part of a file whose length the server does not state, where the part ends. */
  readonly sizeBytes: number;
  /**
   * How the bytes were verified, strongest first. `nothing`: there was nothing to compare with, or only a part of the file
   * was read.
   */
  readonly verifiedBy: VerifiedBy;
  /** The checksum that the bytes match, the server's or the manifest's. */
  readonly checksum: ChecksumInfo | undefined;
  /**
   * Why OVF manifests that should have verified the file do not; absent where they do, where the server's checksum does and
   * no manifest contradicts it, or where there are none.
   */
  readonly doubts?: readonly PackageNote[];
  /** Digests of the whole file, as far as they were computed; hexadecimal, lower case. */
  readonly digests: Digests;
  /** Bytes that arrived over the network, those read more than once included. */
  readonly fetchedBytes: number;
  /**
   * `Content-Encoding` of the bytes, which are delivered as they were sent, where neither the file's length nor its name
   * explains it; shortened, in quotes. Only a checksum or the file's own length can confirm that they are the file's.
   */
  readonly contentEncoding: string | undefined;
  /** Origin that the bytes came from; `undefined` where none were needed. */
  readonly origin: string | undefined;
  /** How often the transfer resumed after an interruption. */
  readonly resumes: number;
  /** ETag and Last-Modified as the server sent them. */
  readonly validator: TransferValidator;
}
