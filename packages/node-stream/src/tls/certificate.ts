import { createHash, X509Certificate } from "node:crypto";
import { checkServerIdentity } from "node:tls";
import type { TLSSocket } from "node:tls";
import { CertificateError } from "@carrel/core";
import type { TransferEndpoint } from "@carrel/core";
import { certificateReason } from "./certificate-reason.ts";
import { readThumbprint } from "./thumbprint.ts";
import type { Thumbprint } from "./thumbprint.ts";

/** The one certificate that is accepted at an address. With a pin, nothing else about a certificate is checked. */
export interface CertificatePin {
  /** Equal for equal pins. Connections and TLS sessions are shared under one key, never across keys. */
  readonly key: string;
  /** For messages. */
  readonly shown: string;
  /** Who states it: the user of Carrel, or the server in its transfer endpoint. */
  readonly from: "user" | "endpoint";
  matches(certificate: X509Certificate): boolean;
}

/**
 * Creates the pin of a fingerprint that the user gave: SHA-1 or SHA-256, as {@link readThumbprint} reads it.
 *
 * @throws CertificateError `CERTIFICATE`: it is not a fingerprint (`problem` is `bad-pin`).
 */
export function pinByThumbprint(thumbprint: string): CertificatePin {
  const read = readThumbprint(thumbprint);
  if ("problem" in read) {
    throw new CertificateError(`Invalid thumbprint: it is not a SHA-1 or SHA-256 fingerprint (${read.problem})`, {
      problem: "bad-pin",
    });
  }
  return byDigest(read, "user");
}

/**
 * Creates the pin of a transfer endpoint. Only the endpoint's own certificate counts; without one its thumbprint; without that
 * the thumbprint that the user gave; and without any the certificate is validated as usual. `label` and `host` are for
 * messages.
 *
 * @throws CertificateError `CERTIFICATE`: what the endpoint or the user states is unusable.
 */
export function endpointPin(
  endpoint: TransferEndpoint,
  userThumbprint: string | undefined,
  { label, host }: { readonly label: string; readonly host: string },
): CertificatePin | undefined {
  const { ssl_certificate: pem, ssl_certificate_thumbprint: thumbprint } = endpoint;
  const unusable = (member: string, why: string, cause?: unknown): CertificateError =>
    new CertificateError(`Cannot use the ${member} of ${label} at ${host}: ${why}; nothing was sent`, {
      problem: "bad-endpoint",
      host,
      ...(cause !== undefined && { cause }),
    });
  if (pem) {
    try {
      return byCertificate(new X509Certificate(pem));
    } catch (cause) {
      throw unusable("ssl_certificate", "it is not a readable PEM certificate", cause);
    }
  }
  if (!thumbprint) return userThumbprint ? pinByThumbprint(userThumbprint) : undefined;
  const read = readThumbprint(thumbprint);
  if ("problem" in read) throw unusable("ssl_certificate_thumbprint", read.problem);
  return byDigest(read, "endpoint");
}

function byDigest({ algorithm, hex }: Thumbprint, from: CertificatePin["from"]): CertificatePin {
  const digits = hex.replaceAll(":", "");
  return {
    key: `${from} ${algorithm}:${hex}`,
    shown: `${algorithm === "sha1" ? "SHA-1" : "SHA-256"} ${hex}`,
    from,
    matches: (certificate) => createHash(algorithm).update(certificate.raw).digest("hex").toUpperCase() === digits,
  };
}

/** Of several certificates in a PEM text the first one counts. */
function byCertificate(pinned: X509Certificate): CertificatePin {
  return {
    key: `endpoint pem:${pinned.fingerprint256}`,
    shown: `SHA-256 ${pinned.fingerprint256}`,
    from: "endpoint",
    matches: (certificate) => pinned.raw.equals(certificate.raw),
  };
}

/** Judges the certificate of a connected socket before anything is sent. Returns why it is not accepted. */
export function judgeCertificate(
  socket: TLSSocket,
  { hostname, host = hostname }: { readonly host?: string; readonly hostname: string },
  pin: CertificatePin | undefined,
): CertificateError | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return new CertificateError(`Cannot identify ${host}: it presented no certificate; nothing was sent`, {
      problem: "none",
      host,
    });
  }
  const { fingerprint256: sha256, fingerprint: sha1 } = certificate;
  const seen = { sha256, sha1 };
  const actual = `SHA-256 ${sha256}, SHA-1 ${sha1}`;
  if (pin !== undefined) {
    if (pin.matches(certificate)) return undefined;
    const isUsers = pin.from === "user";
    const whose = isUsers ? "the pinned one" : "the one in the server's transfer endpoint";
    return new CertificateError(
      `The certificate of ${host} is not ${whose}: got ${actual}, expected ${pin.shown}; nothing was sent`,
      { problem: isUsers ? "not-pinned" : "not-endpoint", host, seen, pinned: pin.shown },
    );
  }
  // Typed as an Error, but a string such as DEPTH_ZERO_SELF_SIGNED_CERT in most cases.
  const chainError = socket.authorized ? undefined : (socket.authorizationError as Error | string);
  // Not of getPeerCertificate(): before Node 26 that is empty once getPeerX509Certificate() was called.
  const cause = checkServerIdentity(hostname, certificate.toLegacyObject()) ?? chainError;
  if (cause === undefined) return undefined;
  const code = typeof cause === "string" ? cause : ((cause as NodeJS.ErrnoException).code ?? cause.message);
  const reason = certificateReason(code, certificate, hostname);
  return new CertificateError(`The certificate of ${host} ${reason} (${actual}); nothing was sent`, {
    problem: "not-valid",
    host,
    seen,
    cause,
  });
}
