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
