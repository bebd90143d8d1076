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
