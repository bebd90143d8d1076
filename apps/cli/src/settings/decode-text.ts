/**
 * Decodes a text file as editors and shells write it: UTF-8 (or what else `otherwise` says), or UTF-16, with a byte order mark or
 * without.
 *
 * @throws TypeError the bytes are not that.
 */
export function decodeText(bytes: Uint8Array, otherwise: "utf-8" | "latin1"): string {
  return new TextDecoder(encodingOf(bytes) ?? otherwise, { fatal: true }).decode(bytes);
}

/** Plain ASCII at the beginning, as JSON and PEM have it, has a zero in each pair of bytes. */
function encodingOf([first = 1, second = 1, third = 1, fourth = 1]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "utf-16le";
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? "utf-16be" : undefined;
}
