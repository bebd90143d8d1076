import { createHash, X509Certificate } from "node:crypto";
import { CertificateError } from "@carrel/core";

/** The one certificate that is accepted at an address. Where there is a pin, nothing else about a certificate is checked. */
export interface Pin {
  /** Equal for equal pins. Connections and TLS sessions are shared under one key, never across keys. */
  readonly key: string;
  /** For messages. */
  readonly shown: string;
  matches(certificate: X509Certificate): boolean;
}

/** A pin by fingerprint: SHA-1 (40 digits) or SHA-256 (64), hexadecimal in any case, with or without colons. */
export function pinByThumbprint(thumbprint: string): Pin {
  const digits = thumbprint.replaceAll(/[\s:-]/g, "").toUpperCase();
  const algorithm = /^[0-9A-F]+$/.test(digits) ? ({ 40: "sha1", 64: "sha256" } as const)[digits.length] : undefined;
  if (algorithm === undefined) {
    throw new CertificateError(
      `The thumbprint "${thumbprint}" is neither a SHA-1 (40 hexadecimal digits) nor a SHA-256 fingerprint (64 digits). ` +
        "Copy the whole fingerprint of the server's certificate.",
      { problem: "bad-pin" },
    );
  }
  const shown = `${algorithm === "sha1" ? "SHA-1" : "SHA-256"} ${digits.match(/../g)?.join(":") ?? digits}`;
  return {
    key: `${algorithm}:${digits}`,
    shown,
    matches: (certificate) => createHash(algorithm).update(certificate.raw).digest("hex").toUpperCase() === digits,
  };
}

/** A pin by the certificate itself, in PEM. Where there are several in the text, the first one counts. */
export function pinByCertificate(pem: string): Pin {
  let pinned: X509Certificate;
  try {
    pinned = new X509Certificate(pem);
  } catch (cause) {
    throw new CertificateError("The certificate to pin is not a readable PEM certificate.", {
      problem: "bad-pin",
      cause,
    });
  }
  return {
    key: `pem:${pinned.fingerprint256}`,
    shown: `SHA-256 ${pinned.fingerprint256}`,
    matches: (certificate) => pinned.raw.equals(certificate.raw),
  };
}
