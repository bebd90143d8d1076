import { defined } from "../kit/objects.ts";
import { plainText } from "./plain-text.ts";

/**
 * The part of a response's head that concerns the bytes.
 *
 * @private Does not follow semantic versioning.
 */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly transferEncoding: string | undefined;
  readonly contentLengthBytes: number | undefined;
  readonly contentRange: string | undefined;
  readonly acceptRanges: string | undefined;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  readonly date: string | undefined;
}

/**
 * Reads the head of a response. Of a header sent more than once the last value counts.
 *
 * @private Does not follow semantic versioning.
 */
export function readHead(
  status: number,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): ResponseHead {
  const one = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === "string" || value === undefined ? value : value.at(-1);
  };
  const length = one("content-length")?.trim();
  return {
    status,
    contentType: one("content-type"),
    contentEncoding: one("content-encoding"),
    transferEncoding: one("transfer-encoding"),
    contentLengthBytes: length !== undefined && /^\d{1,15}$/u.test(length) ? Number(length) : undefined,
    contentRange: one("content-range"),
    acceptRanges: one("accept-ranges"),
    etag: one("etag")?.trim() || undefined,
    lastModified: one("last-modified")?.trim() || undefined,
    location: one("location"),
    retryAfter: one("retry-after"),
    date: one("date"),
  };
}

/**
 * A parsed `Content-Range`. `firstByte` and `lastByte` are absent in the response to a range that cannot be satisfied.
 *
 * @private Does not follow semantic versioning.
 */
export interface ContentRange {
  readonly firstByte?: number;
  readonly lastByte?: number;
  readonly totalBytes?: number;
}

/**
 * Parses a `Content-Range` header strictly; returns `undefined` for anything else.
 *
 * @private Does not follow semantic versioning.
 */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const match = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/iu.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first, last, total] = match;
  const totalBytes = total === undefined || total === "*" ? undefined : Number(total);
  if (first === undefined || last === undefined) return totalBytes === undefined ? undefined : { totalBytes };
  const range = { firstByte: Number(first), lastByte: Number(last) };
  if (range.lastByte < range.firstByte || (totalBytes !== undefined && range.lastByte >= totalBytes)) return undefined;
  return totalBytes === undefined ? range : { ...range, totalBytes };
}

/** What distinguishes one version of a file from another, as the server sent it. */
export interface TransferValidator {
  readonly etag?: string;
  readonly lastModified?: string;
}

/**
 * The validator of a response.
 *
 * @private Does not follow semantic versioning.
 */
export function validatorOf({ etag, lastModified }: ResponseHead): TransferValidator {
  return defined({ etag, lastModified });
}

/**
 * Whether an ETag promises equal bytes; a weak one promises only equal meaning.
 *
 * @private Does not follow semantic versioning.
 */
export function isStrong(etag: string | undefined): boolean {
  return etag !== undefined && /^"[^"]*"$/u.test(etag);
}

/**
 * The value for `If-Range`: a strong ETag, otherwise a Last-Modified.
 *
 * @private Does not follow semantic versioning.
 */
export function ifRange(validator: TransferValidator): string | undefined {
  if (isStrong(validator.etag)) return validator.etag;
  return validator.lastModified;
}

/**
 * Describes how two validators of what should be one file differ; `undefined` where they do not, or cannot be compared.
 *
 * @private Does not follow semantic versioning.
 */
export function changedValidator(before: TransferValidator, now: TransferValidator): string | undefined {
  if (before.etag !== undefined && now.etag !== undefined) {
    return before.etag === now.etag
      ? undefined
      : `its ETag changed from ${plainText(before.etag)} to ${plainText(now.etag)}`;
  }
  if (before.lastModified !== undefined && now.lastModified !== undefined && before.lastModified !== now.lastModified) {
    return `its Last-Modified changed from ${plainText(before.lastModified)} to ${plainText(now.lastModified)}`;
  }
  return undefined;
}

const pages: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^(?:text\/html|application\/xhtml\+xml)$/u, /\.x?html?$/iu, "an HTML page"],
  [/^application\/(?:[^+]+\+)?json$/u, /\.(?:json|map|har|webmanifest)$/iu, "a JSON document"],
];

/**
 * Names the page that was sent instead of a file, such as a login page; returns `undefined` where the type is plausible.
 * A file that is HTML or JSON by its own name may be sent as such.
 *
 * @private Does not follow semantic versioning.
 */
export function pageInPlace(contentType: string | undefined, fileName: string): string | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return pages.find(([page, ownName]) => page.test(type) && !ownName.test(fileName))?.[2];
}
