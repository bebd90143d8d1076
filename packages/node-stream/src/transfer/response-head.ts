import { plainText } from "../plain-text.ts";

/** What matters of an answer's head. */
export interface Answer {
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
}

/** Reads the head of an answer. A header sent more than once counts as its last value. */
export function readAnswer(
  status: number,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Answer {
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
    contentLengthBytes: length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    contentRange: one("content-range"),
    acceptRanges: one("accept-ranges"),
    etag: one("etag")?.trim() || undefined,
    lastModified: one("last-modified")?.trim() || undefined,
    location: one("location"),
    retryAfter: one("retry-after"),
  };
}

/** A parsed `Content-Range`. `firstByte` and `lastByte` are absent in the answer to a range that cannot be had. */
export interface ContentRange {
  readonly firstByte?: number;
  readonly lastByte?: number;
  readonly totalBytes?: number;
}

/** Reads a `Content-Range` header by the letter; `undefined` where it is anything else. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const match = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/i.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first, last, total] = match;
  const totalBytes = total === undefined || total === "*" ? undefined : Number(total);
  if (first === undefined || last === undefined) return totalBytes === undefined ? undefined : { totalBytes };
  const range = { firstByte: Number(first), lastByte: Number(last) };
  if (range.lastByte < range.firstByte || (totalBytes !== undefined && range.lastByte >= totalBytes)) return undefined;
  return totalBytes === undefined ? range : { ...range, totalBytes };
}

/** What tells one state of a file from another, as the server sent it. */
export interface TransferValidator {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Whether an ETag promises equal bytes; a weak one promises only the same meaning. */
export function isStrong(etag: string | undefined): boolean {
  return etag !== undefined && /^"[^"]*"$/.test(etag);
}

/** The value for `If-Range`: a strong ETag, else a Last-Modified. */
export function ifRange(validator: TransferValidator): string | undefined {
  if (isStrong(validator.etag)) return validator.etag;
  return validator.lastModified;
}

/** What differs between two answers about what should be one file; `undefined` where nothing does or nothing can be told. */
export function changedValidator(before: TransferValidator, now: TransferValidator): string | undefined {
  if (before.etag !== undefined && now.etag !== undefined) {
    return before.etag === now.etag
      ? undefined
      : `its ETag was ${plainText(before.etag)} and is ${plainText(now.etag)}`;
  }
  if (before.lastModified !== undefined && now.lastModified !== undefined && before.lastModified !== now.lastModified) {
    return `it was last modified ${plainText(before.lastModified)} and now ${plainText(now.lastModified)}`;
  }
  return undefined;
}

const pages: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^(?:text\/html|application\/xhtml\+xml)$/, /\.x?html?$/i, "an HTML page"],
  [/^application\/(?:[^+]+\+)?json$/, /\.(?:json|map|har|webmanifest)$/i, "a JSON document"],
];

/**
 * Names the page that came where bytes of a file were due, such as a login page; `undefined` where the type is plausible.
 * A file that is HTML or JSON by its own name may be sent as such.
 */
export function pageInPlace(contentType: string | undefined, fileName: string): string | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return pages.find(([page, ownName]) => page.test(type) && !ownName.test(fileName))?.[2];
}
