import { usageError } from "../cli-error.ts";

/**
 * Reads a certificate's fingerprint: SHA-1 or SHA-256, hexadecimal, with or without colons. Returns it upper-case with colons.
 * @throws {@link CliError} exit code 2: it is none.
 */
export function parseThumbprint(text: string): string {
  const digits = text
    .trim()
    .replaceAll(/[:\s-]/gu, "")
    .toUpperCase();
  if (!/^(?:[\dA-F]{40}|[\dA-F]{64})$/u.test(digits)) {
    throw usageError(
      `"${text}" is not the thumbprint of a certificate.`,
      "Give 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, with or without colons.",
    );
  }
  return digits.replaceAll(/..(?=.)/gu, "$&:");
}
