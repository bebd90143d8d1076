import { createHash, X509Certificate } from "node:crypto";
import { checkServerIdentity } from "node:tls";
import type { TLSSocket } from "node:tls";
import { CertificateError } from "@carrel/core";
import type { TransferEndpoint } from "@carrel/core";
import { plainText } from "../plain-text.ts";
import { readThumbprint } from "./thumbprint.ts";
import type { Thumbprint } from "./thumbprint.ts";

/** The one certificate that is accepted at an address. Where there is a pin, nothing else about a certificate is checked. */
export interface CertificatePin {
  /** Equal for equal pins. Connections and TLS sessions are shared under one key, never across keys. */
  readonly key: string;
  /** For messages. */
  readonly shown: string;
  /** Who says so: whoever uses Carrel, or the server in its transfer endpoint. */
  readonly from: "user" | "endpoint";
  matches(certificate: X509Certificate): boolean;
}

/** The pin of a fingerprint that the user gave: SHA-1 or SHA-256, as {@link readThumbprint} reads it. */
export function pinByThumbprint(thumbprint: string): CertificatePin {
  const found = readThumbprint(thumbprint);
  if ("problem" in found) {
    throw new CertificateError(`The thumbprint is not a SHA-1 or SHA-256 fingerprint: ${found.problem}`, {
      problem: "bad-pin",
    });
  }
  return byDigest(found, "user");
}

/**
 * The pin of a transfer endpoint. The endpoint's own certificate decides alone; without one its thumbprint; without that the
 * thumbprint that the user gave; and without any the certificate is validated as usual. `label` and `host` are for messages.
 */
export function endpointPin(
  endpoint: TransferEndpoint,
  userThumbprint: string | undefined,
  { label, host }: { readonly label: string; readonly host: string },
): CertificatePin | undefined {
  const { ssl_certificate: pem, ssl_certificate_thumbprint: thumbprint } = endpoint;
  const unreadable = (member: string, why: string, cause?: unknown): CertificateError =>
    new CertificateError(`The server names an unusable ${member} for ${label} at ${host}: ${why}. Nothing was sent`, {
      problem: "bad-endpoint",
      host,
      ...(cause !== undefined && { cause }),
    });
  if (pem) {
    try {
      return byCertificate(new X509Certificate(pem));
    } catch (cause) {
      throw unreadable("ssl_certificate", "it is not a readable PEM certificate", cause);
    }
  }
  if (!thumbprint) return userThumbprint ? pinByThumbprint(userThumbprint) : undefined;
  const found = readThumbprint(thumbprint);
  if ("problem" in found) throw unreadable("ssl_certificate_thumbprint", found.problem);
  return byDigest(found, "endpoint");
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

/** Where there are several certificates in a PEM text, the first one counts. */
function byCertificate(pinned: X509Certificate): CertificatePin {
  return {
    key: `endpoint pem:${pinned.fingerprint256}`,
    shown: `SHA-256 ${pinned.fingerprint256}`,
    from: "endpoint",
    matches: (certificate) => pinned.raw.equals(certificate.raw),
  };
}

/** Judges the certificate of a connected socket, before anything is sent over it. Returns why it is not accepted. */
export function judgeCertificate(
  socket: TLSSocket,
  { hostname, host = hostname }: { readonly host?: string; readonly hostname: string },
  pin: CertificatePin | undefined,
): CertificateError | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return new CertificateError(`${host} showed no certificate, so there is nothing to know it by. Nothing was sent`, {
      problem: "none",
      host,
    });
  }
  const { fingerprint256: sha256, fingerprint: sha1 } = certificate;
  const seen = `Seen: SHA-256 ${sha256}, SHA-1 ${sha1}.`;
  if (pin !== undefined) {
    if (pin.matches(certificate)) return undefined;
    const isOurs = pin.from === "user";
    const expected = isOurs ? "the pinned one" : "the one that the server names in its transfer endpoint";
    return new CertificateError(
      `The certificate of ${host} is not ${expected}. ${seen} ${isOurs ? "Pinned" : "Named"}: ${pin.shown}. Nothing was sent`,
      { problem: isOurs ? "not-pinned" : "not-endpoint", host, seen: { sha256, sha1 }, pinned: pin.shown },
    );
  }
  // Typed as an Error, but a string such as DEPTH_ZERO_SELF_SIGNED_CERT in most cases.
  const chainError = socket.authorized ? undefined : (socket.authorizationError as Error | string);
  // Not of getPeerCertificate(): before Node 26 that is empty once getPeerX509Certificate() was called.
  const cause = checkServerIdentity(hostname, certificate.toLegacyObject()) ?? chainError;
  if (cause === undefined) return undefined;
  const reason = plainText(typeof cause === "string" ? cause : cause.message.replace(/\.$/, ""), 300);
  return new CertificateError(`The certificate of ${host} does not validate (${reason}). ${seen} Nothing was sent`, {
    problem: "not-valid",
    host,
    seen: { sha256, sha1 },
    cause,
  });
}
