import { X509Certificate } from "node:crypto";

/** A certificate of the simulator, to be pinned. */
export interface SimulatorCertificate {
  /** The certificate as PEM. It is its own authority, so it can also be used as `ca`. */
  readonly pem: string;
  /** SHA-1 fingerprint, upper-case hexadecimal with colons: the vendor's thumbprint. */
  readonly sha1: string;
  /** SHA-256 fingerprint, upper-case hexadecimal with colons. */
  readonly sha256: string;
}

/** A certificate with its private key. */
export interface KeyedCertificate extends SimulatorCertificate {
  readonly key: string;
}

const cache = new Map<string, Promise<KeyedCertificate>>();

/** Returns the certificate of that name, which is made at first use and kept until the process ends. */
export function certificateFor(name: string): Promise<KeyedCertificate> {
  const cached = cache.get(name);
  if (cached) return cached;
  const made = makeCertificate(name);
  cache.set(name, made);
  return made;
}

async function makeCertificate(name: string): Promise<KeyedCertificate> {
  // Loaded only when it is needed: it takes longer to load than the rest of this package together.
  const { generate } = await import("selfsigned");
  const { cert, private: key } = await generate(
    [
      { name: "commonName", value: name },
      { name: "organizationName", value: "Carrel" },
    ],
    {
      keyType: "ec",
      algorithm: "sha256",
      notBeforeDate: new Date(Date.now() - 24 * 3600 * 1000),
      notAfterDate: new Date(Date.now() + 10 * 365 * 24 * 3600 * 1000),
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
        { name: "extKeyUsage", serverAuth: true },
        {
          name: "subjectAltName",
          altNames: [
            { type: 7, ip: "127.0.0.1" },
            { type: 7, ip: "::1" },
            { type: 2, value: "localhost" },
          ],
        },
      ],
    },
  );
  const parsed = new X509Certificate(cert);
  return { pem: cert, key, sha1: parsed.fingerprint, sha256: parsed.fingerprint256 };
}
