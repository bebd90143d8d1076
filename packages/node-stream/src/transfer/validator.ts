import { plainText } from "../plain-text.ts";

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
