import { X509Certificate } from "node:crypto";
import { usageError } from "../process/cli-error.ts";
import { decodeText, readSmallFile, UnreadableFileError } from "../state/plain-file.ts";

const maxBytes = 16 * 1024 * 1024;
const certificateLabel = /^(?:X509 |TRUSTED )?CERTIFICATE$/u;
const block = /-----BEGIN ([A-Z\d ]+)-----.*?-----END \1-----/gsu;
const firstLabel = /-----BEGIN ([^\r\n]*?)-----/u;

/** What else a file is, by the label of its first block, with what to do about it. */
const labels: readonly (readonly [RegExp, string, string])[] = [
  [/PRIVATE KEY$/u, "a private key", "Name the file with the certificate of the authority. A key is not needed here."],
  [/CERTIFICATE REQUEST$/u, "a certificate signing request (CSR)", "Name the certificate of the authority."],
  [/^(?:PKCS ?#?7.*|CMS)$/u, "a PKCS#7 bundle (.p7b)", "Convert it: openssl pkcs7 -print_certs -in FILE -out ca.pem"],
  [/PUBLIC KEY$/u, "a public key", "Name the file with the certificate of the authority."],
  [/^X509 CRL$/u, "a certificate revocation list (CRL)", "Name the certificate of the authority."],
];

/** The first bytes of files that are mistaken for certificates. */
const signatures: readonly (readonly [string, string, string])[] = [
  ["PK\u0003\u0004", "a ZIP archive", "Unpack it; of vCenter's download.zip name a certificate below certs/lin."],
  ["\u001F\u008B", "a gzip archive", "Unpack it first."],
  [
    "\u00FE\u00ED\u00FE\u00ED",
    "a Java keystore",
    "Export the certificate: keytool -exportcert -rfc -keystore FILE -alias NAME",
  ],
  [
    "\u00CE\u00CE\u00CE\u00CE",
    "a Java keystore",
    "Export the certificate: keytool -exportcert -rfc -keystore FILE -alias NAME",
  ],
];

/**
 * Reads a file of certificates to trust: PEM, also in UTF-16 or among other text, or DER. Returns PEM.
 * @param origin - Where the path comes from, such as `--ca`.
 * @throws {@link CliError} exit code 2: it cannot be read, or holds something else; the message says what.
 */
export async function readCa(path: string, origin: string): Promise<string> {
  const of = `The file of ${origin}`;
  const bytes = await readFileOf(path, of);
  if (bytes.length === 0) throw usageError(`${of} is empty: ${path}`);
  for (const [start, what, hint] of signatures) {
    if (bytes.subarray(0, start.length).equals(Buffer.from(start, "latin1"))) throw wrong(what, hint);
  }
  const der = readDer(bytes);
  if (der?.certificates) return der.certificates.join("");
  if (der) throw wrong(der.kind, der.hint);
  return readPem(bytes);

  function readPem(pem: Uint8Array): string {
    const text = decodeText(pem, "latin1").replaceAll(/^[ \t]+|[ \t\r]+$/gmu, "");
    const blocks = [...text.matchAll(block)].filter(([, label = ""]) => certificateLabel.test(label));
    if (blocks.length === 0) throw noCertificate(text);
    for (const [index, [certificate]] of blocks.entries()) {
      if (isCertificate(certificate)) continue;
      const which = blocks.length === 1 ? "The certificate" : `Certificate ${index + 1} of ${blocks.length}`;
      throw usageError(`${which} in the file of ${origin} is damaged: ${path}`, "Copy it again, with all its lines.");
    }
    return `${blocks.map(([certificate]) => certificate).join("\n")}\n`;
  }

  function noCertificate(text: string): Error {
    const [, label] = firstLabel.exec(text) ?? [];
    if (label !== undefined && certificateLabel.test(label)) {
      return usageError(`${of} is truncated: it has no line "-----END ${label}-----": ${path}`, "Copy it again.");
    }
    for (const [pattern, what, hint] of labels) if (pattern.test(label ?? "")) return wrong(what, hint);
    if (/^\s*(?:<!doctype html|<html)/iu.test(text)) {
      return wrong("an HTML page", "It may be a login page that was saved in place of the certificate.");
    }
    if (/^\s*MII[A-Za-z\d+/=\s]+$/u.test(text)) {
      return wrong(
        "Base64 without the lines around it",
        'Put "-----BEGIN CERTIFICATE-----" and "-----END CERTIFICATE-----" around it.',
      );
    }
    return usageError(
      `${of} contains no PEM certificate: ${path}`,
      'It should have a line "-----BEGIN CERTIFICATE-----".',
    );
  }

  function wrong(what: string, hint: string): Error {
    return usageError(`${of} is ${what}, not a certificate: ${path}`, hint);
  }
}

async function readFileOf(path: string, of: string): Promise<Buffer> {
  try {
    return await readSmallFile(path, { limitBytes: maxBytes, pipes: true });
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw usageError(`${of} cannot be read: ${error.message}: ${path}`);
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** What a file in DER form contains: certificates, as PEM, or something else. */
type Der =
  | { readonly certificates: readonly string[] }
  | { readonly certificates?: never; readonly kind: string; readonly hint: string };

// The beginning of the content of the outermost sequence, in hexadecimal.
const kinds: readonly (readonly [RegExp, string, string])[] = [
  [
    /^06092a864886f70d0107/u,
    "a PKCS#7 bundle (.p7b)",
    "Convert it: openssl pkcs7 -inform der -print_certs -in FILE -out ca.pem",
  ],
  [/^02010330/u, "a PKCS#12 file (.pfx, .p12)", "Convert it: openssl pkcs12 -in FILE -nokeys -out ca.pem"],
  [
    /^020100(?:02|30)|^02010104/u,
    "a private key",
    "Name the file with the certificate of the authority. A key is not needed here.",
  ],
  [
    /^30(?:[0-7].|81..|82....)06092a864886f70d0105/u,
    "an encrypted private key",
    "Name the file with the certificate of the authority. A key is not needed here.",
  ],
  [/^30(?:[0-7].|81..|82....)020100/u, "a certificate signing request (CSR)", "Name the certificate of the authority."],
  [/^30(?:[0-7].|81..|82....)06/u, "a public key", "Name the file with the certificate of the authority."],
];

/** Reads DER; `undefined` where the bytes are not DER. */
function readDer(bytes: Buffer): Der | undefined {
  const [first] = elements(bytes);
  if (first === undefined) return undefined;
  const certificates = elements(bytes).map(({ all }) => toPem(all));
  if (certificates.every((pem) => pem !== undefined)) return { certificates };
  const start = first.content.subarray(0, 32).toString("hex");
  const [, kind = "binary (DER)", hint = "It should be the certificate of an authority."] =
    kinds.find(([pattern]) => pattern.test(start)) ?? [];
  return { kind, hint };
}

interface Element {
  readonly all: Buffer;
  readonly content: Buffer;
}

/** Returns the sequences that fill the bytes, one after the other. */
function elements(bytes: Buffer): readonly Element[] {
  const found: Element[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const element = firstElement(rest);
    if (element === undefined) return [];
    found.push(element);
    rest = rest.subarray(element.all.length);
  }
  return found;
}

function firstElement(bytes: Buffer): Element | undefined {
  const [tag, size = 0] = bytes;
  if (tag !== 0x30) return undefined;
  // PKCS#7 and PKCS#12 may have an indefinite length.
  if (size === 0x80) return { all: bytes, content: bytes.subarray(2) };
  const lengthBytes = size < 0x80 ? 0 : size - 0x80;
  if (lengthBytes > 4 || bytes.length < 2 + lengthBytes) return undefined;
  const length = lengthBytes === 0 ? size : bytes.readUIntBE(2, lengthBytes);
  const end = 2 + lengthBytes + length;
  return end > bytes.length
    ? undefined
    : { all: bytes.subarray(0, end), content: bytes.subarray(2 + lengthBytes, end) };
}

function toPem(der: Buffer): string | undefined {
  try {
    return new X509Certificate(der).toString();
  } catch {
    return undefined;
  }
}
