import { X509Certificate } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { makeCertificate } from "@carrel/test-kit";
import { certificateReason } from "../../src/tls/certificate-reason.ts";

const dayMs = 86_400_000;
let valid: X509Certificate;
let expired: X509Certificate;
let future: X509Certificate;

beforeAll(async () => {
  const names = [{ value: "vc.example.test" }, { ip: "192.0.2.7" }];
  const at = (days: number): Date => new Date(Date.now() + days * dayMs);
  const made = await Promise.all([
    makeCertificate(names),
    makeCertificate(names, { notBeforeDate: at(-30), notAfterDate: new Date("2026-01-02T03:04:05Z") }),
    makeCertificate(names, { notBeforeDate: new Date("2999-01-02T03:04:05Z"), notAfterDate: at(400_000) }),
  ]);
  const read = made.map(({ pem }) => new X509Certificate(pem));
  [valid, expired, future] = read as [X509Certificate, X509Certificate, X509Certificate];
});

const reason = (code: string, certificate = valid): string => certificateReason(code, certificate, "10.0.0.7");

test("certificateReason says that a certificate is self-signed", () => {
  expect(reason("DEPTH_ZERO_SELF_SIGNED_CERT")).toBe("is self-signed: no authority vouches for it");
});

test("certificateReason names the day, of the certificate itself or else of an authority", () => {
  expect(reason("CERT_HAS_EXPIRED", expired)).toBe("expired on 2026-01-02");
  expect(reason("CERT_HAS_EXPIRED")).toBe("was signed by an authority whose own certificate has expired");
  expect(reason("CERT_NOT_YET_VALID", future)).toBe("is not valid before 2999-01-02, by the clock of this machine");
  expect(reason("CERT_NOT_YET_VALID")).toBe("was signed by an authority whose own certificate is not valid yet");
});

test("certificateReason says for which names a certificate is", () => {
  expect(reason("ERR_TLS_CERT_ALTNAME_INVALID")).toBe("is not for 10.0.0.7: it names vc.example.test, 192.0.2.7");
});

// Those of node:crypto's documentation that are about a certificate.
test.for([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "CERT_SIGNATURE_FAILURE",
  "CRL_SIGNATURE_FAILURE",
  "CERT_NOT_YET_VALID",
  "CERT_HAS_EXPIRED",
  "CRL_NOT_YET_VALID",
  "CRL_HAS_EXPIRED",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "ERROR_IN_CRL_LAST_UPDATE_FIELD",
  "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_CHAIN_TOO_LONG",
  "CERT_REVOKED",
  "INVALID_CA",
  "PATH_LENGTH_EXCEEDED",
  "INVALID_PURPOSE",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "HOSTNAME_MISMATCH",
])("certificateReason has words for %s", (code) => {
  expect(reason(code)).toMatch(/^(?:is|was|has|cannot) /u);
  expect(reason(code)).not.toContain(code);
});

test("certificateReason shows a code that it does not know, without what a terminal would act on", () => {
  expect(reason("EE_KEY_TOO_SMALL\n")).toBe("is not valid: EE_KEY_TOO_SMALL?");
});
