import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { usageError } from "../cli-error.ts";

/**
 * Reads a PEM file of certificates to trust.
 * @throws {@link CliError} exit code 2: it cannot be read, or holds no certificate.
 */
export async function readCa(path: string): Promise<string> {
  let pem: string;
  try {
    pem = await readFile(path, "utf8");
  } catch (cause) {
    throw usageError(`The file of --ca cannot be read: ${cause instanceof Error ? cause.message : path}`);
  }
  try {
    assertCertificate(pem);
  } catch {
    throw usageError(
      `The file of --ca holds no certificate in PEM form: ${path}`,
      'It should have a line "-----BEGIN CERTIFICATE-----".',
    );
  }
  return pem;
}

/** Throws where the first certificate of the text cannot be read. */
function assertCertificate(pem: string): X509Certificate {
  return new X509Certificate(pem);
}
