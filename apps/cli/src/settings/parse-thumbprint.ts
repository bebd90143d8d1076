import { readThumbprint } from "@carrel/node-stream/tls";
import { usageError } from "../process/cli-error.ts";

/**
 * Reads a certificate's fingerprint as people paste it. Returns it upper-case with colons.
 * @throws {@link CliError} exit code 2: it is not one. The message does not repeat the text.
 */
export function parseThumbprint(text: string): string {
  const found = readThumbprint(text);
  if (!("problem" in found)) return found.hex;
  throw usageError(
    `Invalid thumbprint: it is not a SHA-1 or SHA-256 fingerprint (${found.problem})`,
    "Give the fingerprint of the server's certificate: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, with or without colons.",
  );
}
