import { CarrelError } from "./carrel-error.ts";

/**
 * The server's certificate neither validates nor matches the pin. The message shows the fingerprint that was seen.
 * Check it with whoever runs the server, then pin it; nothing was sent.
 */
export class CertificateError extends CarrelError {
  static override readonly brand: string = "CertificateError";
  override readonly code = "CERTIFICATE" as const;
  override readonly retryable: boolean = false;
}
