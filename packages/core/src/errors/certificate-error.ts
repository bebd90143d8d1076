import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * Why a certificate is not accepted.
 *
 * - `none`: the server showed none.
 * - `not-pinned`: it is not the pinned one.
 * - `not-endpoint`: it is not the one that the server names in its transfer endpoint.
 * - `not-valid`: it does not validate: unknown authority, another name, expired.
 * - `bad-pin`: what should be pinned is neither a fingerprint nor a certificate.
 * - `bad-endpoint`: what the server names in its transfer endpoint is neither a fingerprint nor a certificate.
 */
export type CertificateProblem = "none" | "not-pinned" | "not-endpoint" | "not-valid" | "bad-pin" | "bad-endpoint";

/** Options of a {@link CertificateError}. */
export interface CertificateErrorOptions extends CarrelErrorOptions {
  readonly problem: CertificateProblem;
  readonly host?: string | undefined;
  readonly seen?: { readonly sha256: string; readonly sha1: string } | undefined;
  readonly pinned?: string | undefined;
}

/**
 * The server's certificate neither validates nor matches the pin. Nothing was sent. Check the fingerprint that was seen
 * with whoever runs the server, then pin it.
 */
export class CertificateError extends CarrelError {
  static override readonly brand: string = "CertificateError";
  override readonly code = "CERTIFICATE" as const;
  override readonly retryable: boolean = false;
  /** Why, for `switch`. */
  readonly problem: CertificateProblem;
  /** Whose certificate, as `HOST` or `HOST:PORT`. */
  readonly host: string | undefined;
  /** Its fingerprints, hexadecimal with colons. */
  readonly seen: { readonly sha256: string; readonly sha1: string } | undefined;
  /** The fingerprint that is pinned, such as `SHA-256 AA:BB:…`. */
  readonly pinned: string | undefined;

  constructor(message: string, options: CertificateErrorOptions) {
    super(message, options);
    this.problem = options.problem;
    this.host = options.host;
    this.seen = options.seen;
    this.pinned = options.pinned;
  }
}
