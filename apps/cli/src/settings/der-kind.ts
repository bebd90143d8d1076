import { X509Certificate } from "node:crypto";

/** What a file in DER form is: certificates, as PEM, or something else. */
export type Der =
  | { readonly certificates: readonly string[] }
  | { readonly certificates?: never; readonly kind: string; readonly hint: string };

// The beginning of what is in the outermost sequence, in hexadecimal.
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
    "Name the file with the certificate of the authority; a key is not needed here.",
  ],
  [
    /^30(?:[0-7].|81..|82....)06092a864886f70d0105/u,
    "an encrypted private key",
    "Name the file with the certificate of the authority; a key is not needed here.",
  ],
  [/^30(?:[0-7].|81..|82....)020100/u, "a certificate signing request (CSR)", "Name the certificate of the authority."],
  [/^30(?:[0-7].|81..|82....)06/u, "a public key", "Name the file with the certificate of the authority."],
];

/** Reads DER; `undefined` where it is not. */
export function readDer(bytes: Buffer): Der | undefined {
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

/** The sequences that fill the bytes, one after the other. */
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
  // PKCS#7 and PKCS#12 may leave their length open.
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
