import { CarrelError, isError } from "../errors/carrel-error.ts";
import { CertificateError, TransportError } from "../errors/call-errors.ts";

/** How many causes, one of the other, are examined. */
const deepest = 8;

/**
 * Returns what the failure of a fetch means: an error of Carrel among its causes itself, a `CertificateError` where a
 * certificate was not accepted, otherwise a `TransportError`.
 */
export function transportErrorOf(error: unknown, operation: string, origin: string): CarrelError {
  const chain = Array.from(causes(error));
  const own = chain.find((each) => each instanceof CarrelError);
  if (own instanceof CarrelError) return own;
  const refused = chain.find(isCertificateFailure);
  if (refused) {
    const { host } = new URL(origin);
    // After a semicolon Node adds advice about its own command line.
    const why = messageOf(refused).replace(/;.*$/su, "");
    return new CertificateError(`The certificate of ${host} is not accepted: ${why}`, {
      problem: "not-valid",
      host,
      cause: error,
    });
  }
  return new TransportError(`No answer from ${origin}: ${messageOf(chain.at(-1) ?? error)}`, {
    operation,
    origin,
    cause: error,
  });
}

function* causes(error: unknown): Generator<Error, void> {
  for (let each = error, depth = 0; isError(each) && depth < deepest; each = each.cause, depth++) yield each;
}

// OpenSSL's names of certificate failures, as Node and Bun use them; errors of Deno's rustls have no code.
const certificateCode =
  /^(?:(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|CERT_|CRL_|UNABLE_TO_(?:GET_(?:ISSUER_CERT|CRL)|VERIFY_LEAF)|INVALID_(?:CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT_)/u;

function isCertificateFailure(error: Error): boolean {
  const code = codeOf(error);
  return typeof code === "string" ? certificateCode.test(code) : /\binvalid peer certificate\b/u.test(error.message);
}

function codeOf(error: Error): unknown {
  return (error as { code?: unknown }).code;
}

function messageOf(error: unknown): string {
  if (!isError(error)) return String(error);
  const code = codeOf(error);
  const { reason } = error as { reason?: unknown };
  // OpenSSL's own message names lines of its sources.
  if (String(code).startsWith("ERR_SSL_") && typeof reason === "string") return `TLS failed: ${reason}`;
  return error.message || (typeof code === "string" ? code : error.name);
}
