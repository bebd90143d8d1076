import { IntegrityError } from "@carrel/core";

/** Names of files that are encoded so by themselves. */
const encodedNames: readonly (readonly [RegExp, RegExp])[] = [
  [/^(?:x-)?gzip$/, /\.(?:t?gz|taz|svgz|vgz|emz|wmz)$/i],
  [/^(?:x-)?compress$/, /\.(?:z|taz)$/i],
  [/^(?:x-)?bzip2?$/, /\.(?:bz2?|tbz2?)$/i],
  [/^(?:x-)?xz$/, /\.(?:xz|txz)$/i],
  [/^zstd$/, /\.(?:zst|tzst)$/i],
  [/^br$/, /\.br$/i],
  [/^deflate$/, /\.(?:zz|deflate)$/i],
];

/** The encoding that an answer says its bytes have; `undefined` where they are as they are. None is ever asked for. */
export function encodingOf(header: string | undefined): string | undefined {
  const codings = (header ?? "").split(",").map((coding) => coding.trim().toLowerCase());
  return codings.filter((coding) => coding !== "" && coding !== "identity").join(", ") || undefined;
}

/**
 * Whether a label of encoding says how the stored file is made, and not what was done to it on its way. Web servers label a
 * `.tgz` so by its name alone.
 */
export function isEncodedByName(encoding: string, fileName: string): boolean {
  return encodedNames.some(([coding, name]) => coding.test(encoding) && name.test(fileName));
}

/** The error of bytes that are said to be encoded, which nothing proves to be the file's. */
export function unprovenEncoding(
  label: string,
  { encoding, bytes }: { readonly encoding: string; readonly bytes: number },
): IntegrityError {
  return new IntegrityError(
    `The server sent ${label} with the encoding ${encoding}, which was not asked for: ${bytes} bytes, and neither a checksum nor a length says that they are the file's`,
    { problem: "encoded" },
  );
}

/** An error of wrong bytes, with the encoding that may be the reason. */
export function explainedByEncoding(error: unknown, encoding: string | undefined): unknown {
  if (encoding === undefined || !(error instanceof IntegrityError)) return error;
  if (error.problem !== "digest" && error.problem !== "length") return error;
  const message = `${error.message} (it was sent with the encoding ${encoding}, which was not asked for)`;
  return new IntegrityError(message, { problem: "encoded", cause: error });
}
