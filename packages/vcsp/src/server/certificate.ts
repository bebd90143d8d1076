import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";

/** A certificate with its private key, as PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A subscriber asks its administrator about the thumbprint once: the certificate should outlive the library. */
const validDays = 3_650;
const dayMs = 86_400_000;

/**
 * Creates a self-signed certificate for a server, valid for ten years. Keep it: a vCenter pins its thumbprint when it subscribes.
 *
 * Cost on the wire: none.
 *
 * @param hosts - Names and addresses that subscribers use; those of this machine where none are given.
 */
export async function createServerCertificate(hosts: readonly string[] = []): Promise<ServerCertificate> {
  // Loaded only when it is needed: it takes long to load.
  const { generate } = await import("selfsigned");
  const names = [...new Set(hosts.length > 0 ? hosts : [hostname(), "localhost", "127.0.0.1", "::1"])];
  const altNames = names.map((name) =>
    isIP(name) > 0 ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const),
  );
  const { cert, private: key } = await generate([{ name: "commonName", value: names[0] ?? "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + validDays * dayMs),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames },
    ],
  });
  return { cert, key };
}

/** The fingerprints that a vCenter and `carrel trust` show: pairs of digits with colons. */
export function fingerprintsOf(cert: string): { readonly sha1: string; readonly sha256: string } {
  const { fingerprint: sha1, fingerprint256: sha256 } = new X509Certificate(cert);
  return { sha1, sha256 };
}
