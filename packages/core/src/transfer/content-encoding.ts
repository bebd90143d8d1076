import { IntegrityError } from "../errors/transfer-errors.ts";

/** Encodings, each with the names of files that are stored in it. */
const encodedNames: readonly (readonly [RegExp, RegExp])[] = [
  [/^(?:x-)?gzip$/u, /\.(?:t?gz|taz|svgz|vgz|emz|wmz)$/iu],
  [/^(?:x-)?compress$/u, /\.(?:z|taz)$/iu],
  [/^(?:x-)?bzip2?$/u, /\.(?:bz2?|tbz2?)$/iu],
  [/^(?:x-)?xz$/u, /\.(?:xz|txz)$/iu],
  [/^zstd$/u, /\.(?:zst|tzst)$/iu],
  [/^br$/u, /\.br$/iu],
  [/^deflate$/u, /\.(?:zz|deflate)$/iu],
];

/**
 * The encoding that a `Content-Encoding` states; `undefined` where there is none. None is ever requested.
 *
 * @private Does not follow semantic versioning.
 */
export function encodingOf(header: string | undefined): string | undefined {
  const codings = (header ?? "").split(",").map((coding) => coding.trim().toLowerCase());
  return codings.filter((coding) => coding !== "" && coding !== "identity").join(", ") || undefined;
}

/**
 * Whether an encoding describes the stored file, rather than something done to it on its way: web servers label a `.tgz` as
 * gzip because of its name.
 *
 * @private Does not follow semantic versioning.
 */
export function isEncodedByName(encoding: string, fileName: string): boolean {
  return encodedNames.some(([coding, name]) => coding.test(encoding) && name.test(fileName));
}

/**
 * Creates the error for bytes that are labelled as encoded, and that nothing confirms to be the file's.
 *
 * @private Does not follow semantic versioning.
 */
export function unprovenEncoding(
  label: string,
  { encoding, bytes }: { readonly encoding: string; readonly bytes: number },
): IntegrityError {
  return new IntegrityError(
    `The server sent ${label} with the unrequested encoding ${encoding}: neither a checksum nor a length confirms that the ${bytes} bytes are those of the file`,
    { problem: "encoded" },
  );
}

/**
 * Adds an encoding to the error about wrong bytes that it may have caused.
 *
 * @private Does not follow semantic versioning.
 */
export function explainedByEncoding(error: unknown, encoding: string | undefined): unknown {
  if (encoding === undefined || !(error instanceof IntegrityError)) return error;
  if (error.problem !== "digest" && error.problem !== "length") return error;
  const message = `${error.message} (sent with the unrequested encoding ${encoding})`;
  return new IntegrityError(message, { problem: "encoded", cause: error });
}
