import { checkServerIdentity } from "node:tls";
import type { TLSSocket } from "node:tls";
import { CertificateError } from "@carrel/core";
import { plainText } from "../plain-text.ts";
import type { Pin } from "./pin.ts";

/** Judges the certificate of a connected socket, before anything is sent over it. Returns why it is not accepted. */
export function judgeCertificate(
  socket: TLSSocket,
  { hostname, host = hostname }: { readonly host?: string; readonly hostname: string },
  pin: Pin | undefined,
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
