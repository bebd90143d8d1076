import type { X509Certificate } from "node:crypto";
import { plainText } from "@carrel/core/transfer";

const unknownAuthority = "was signed by an authority that this machine does not know";
const wrongSignature = "has a signature that is not the authority's";
const unreadableKey = "has a signature that cannot be checked: the authority's key is unreadable";
const badDate = "has a date that is malformed";
const noRevocations = "cannot be checked for revocation: the list of revoked certificates";

/** What follows "The certificate", by the name that OpenSSL and Node have for what is wrong. */
const byCode: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed: no authority vouches for it",
  SELF_SIGNED_CERT_IN_CHAIN: "was signed by an authority that this machine does not trust",
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "cannot be verified: the server did not send the one of the authority that signed it",
  CERT_UNTRUSTED: "was signed by an authority that is not trusted for servers",
  CERT_REJECTED: "was signed by an authority that is rejected for servers",
  CERT_REVOKED: "was revoked by the authority that signed it",
  CERT_SIGNATURE_FAILURE: wrongSignature,
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: wrongSignature,
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: unreadableKey,
  CERT_CHAIN_TOO_LONG: "was signed through too many authorities",
  PATH_LENGTH_EXCEEDED: "was signed through more authorities than one of them permits",
  INVALID_CA: "was signed by one that must not sign others",
  INVALID_PURPOSE: "is not for servers",
  ERROR_IN_CERT_NOT_BEFORE_FIELD: badDate,
  ERROR_IN_CERT_NOT_AFTER_FIELD: badDate,
  UNABLE_TO_GET_CRL: `${noRevocations} is missing`,
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: `${noRevocations} has a wrong signature`,
  CRL_SIGNATURE_FAILURE: `${noRevocations} has a wrong signature`,
  CRL_NOT_YET_VALID: `${noRevocations} is not valid yet`,
  CRL_HAS_EXPIRED: `${noRevocations} has expired`,
  ERROR_IN_CRL_LAST_UPDATE_FIELD: `${noRevocations} is malformed`,
  ERROR_IN_CRL_NEXT_UPDATE_FIELD: `${noRevocations} is malformed`,
};

/**
 * Says why a certificate is not valid, as what follows "The certificate of HOST": `is self-signed: no authority vouches for it`.
 * @param code - What OpenSSL or Node call it, such as `CERT_HAS_EXPIRED`; shown as it is where it is not known.
 */
export function certificateReason(code: string, certificate: X509Certificate, hostname: string): string {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return isPast(certificate.validTo)
        ? `expired on ${dayOf(certificate.validTo)}`
        : "was signed by an authority whose own certificate has expired";
    case "CERT_NOT_YET_VALID":
      return isPast(certificate.validFrom)
        ? "was signed by an authority whose own certificate is not valid yet"
        : `is not valid before ${dayOf(certificate.validFrom)}, by the clock of this machine`;
    case "HOSTNAME_MISMATCH":
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `is not for ${plainText(hostname)}: it names ${namesIn(certificate)}`;
    default:
      return byCode[code] ?? `is not valid: ${plainText(code.replace(/\.$/u, ""), 300)}`;
  }
}

function namesIn({ subjectAltName, subject }: X509Certificate): string {
  const alternatives = subjectAltName?.replaceAll(/\b(?:DNS|IP Address):/gu, "");
  const common = /^CN=(.+)$/mu.exec(subject ?? "")?.[1];
  return plainText(alternatives ?? common ?? "nothing", 200);
}

function isPast(time: string): boolean {
  return Date.parse(time) < Date.now();
}

/** Such as `2026-11-28`; a certificate states a time to the second, in UTC. */
function dayOf(time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? plainText(time) : new Date(at).toISOString().slice(0, 10);
}
