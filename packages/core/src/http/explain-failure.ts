import { CarrelError, isError } from "../errors/carrel-error.ts";
import { CertificateError, TransportError } from "../errors/call-errors.ts";

/** How deep causes are looked through. */
const deepest = 8;

/**
 * What the failure of a fetch means: an error of ours from within it as it is, a certificate that was not accepted, or else
 * a broken transport.
 */
export function explainFailure(error: unknown, operation: string, origin: string): CarrelError {
  const chain = Array.from(causes(error));
  const own = chain.find((each) => each instanceof CarrelError);
  if (own instanceof CarrelError) return own;
  const refused = chain.find(isCertificateFailure);
  if (refused) {
    const { host } = new URL(origin);
    // Node adds advice after a semicolon that is for its command line.
    const why = messageOf(refused).replace(/;.*$/s, "");
    return new CertificateError(`The certificate of ${host} is not accepted: ${why}`, {
      problem: "not-valid",
      host,
      cause: error,
    });
  }
  return new TransportError(`No answer from ${origin}: ${messageOf(chain.at(-1) ?? error)}`, {
    operation,
    cause: error,
  });
}

function* causes(error: unknown): Generator<Error, void> {
  for (let each = error, depth = 0; isError(each) && depth < deepest; each = each.cause, depth++) yield each;
}

// OpenSSL's names of what it does not accept, as Node and Bun give them; rustls of Deno has no code.
const certificateCode =
  /^(?:(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|CERT_|CRL_|UNABLE_TO_(?:GET_(?:ISSUER_CERT|CRL)|VERIFY_LEAF)|INVALID_(?:CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT_)/;

function isCertificateFailure(error: Error): boolean {
  const code = codeOf(error);
  return typeof code === "string" ? certificateCode.test(code) : /\binvalid peer certificate\b/.test(error.message);
}

function codeOf(error: Error): unknown {
  return (error as { code?: unknown }).code;
}

function messageOf(error: unknown): string {
  if (!isError(error)) return String(error);
  const code = codeOf(error);
  return error.message || (typeof code === "string" ? code : error.name);
}
