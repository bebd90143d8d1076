import { randomUUID, X509Certificate } from "node:crypto";
import { generate } from "selfsigned";

export interface TestCertificate {
  readonly pem: string;
  readonly key: string;
  readonly sha1: string;
  readonly sha256: string;
}

/** A self-signed certificate for the names given, valid from now on or within the dates given; each call makes another one. */
export async function makeCertificate(
  altNames: readonly { ip?: string; value?: string }[] = [{ ip: "127.0.0.1" }, { value: "localhost" }],
  dates: { readonly notBeforeDate?: Date; readonly notAfterDate?: Date } = {},
): Promise<TestCertificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: `vc-${randomUUID()}.example.test` }], {
    ...dates,
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      {
        name: "subjectAltName",
        altNames: altNames.map((name) =>
          "ip" in name ? { type: 7 as const, ...name } : { type: 2 as const, ...name },
        ),
      },
    ],
  });
  const { fingerprint: sha1, fingerprint256: sha256 } = new X509Certificate(cert);
  return { pem: cert, key, sha1, sha256 };
}
