/** Path of the file that a subscription URL points to, relative to the library. */
export const libraryPath = "lib.json";
/** Path of the list of items. */
export const itemsPath = "items.json";
/** Name of the file that describes an item, in its directory. */
export const itemFileName = "item.json";

/**
 * Writes a path relative to `lib.json` as a reference: each segment percent-encoded, also where a URL would not require it
 * (`+`, `!`, `'`, `(`, `)`, `*`), because subscribers differ in what they decode.
 */
export function hrefOf(path: string): string {
  return path
    .split("/")
    .map((segment) => encodeURIComponent(segment).replaceAll(/[!'()*]/gu, percent))
    .join("/");
}

function percent(character: string): string {
  return `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;
}

/**
 * Reads a reference as a path relative to `lib.json`; `undefined` where it leads anywhere else, or is not a path: absolute,
 * with a scheme, a query or a fragment, or with a segment that is empty, `.` or `..`.
 */
export function pathOfHref(href: string): string | undefined {
  if (/^[a-z][a-z\d+.-]*:/iu.test(href) || /[?#\\]/u.test(href)) return undefined;
  const segments: string[] = [];
  for (const encoded of href.replace(/^(?:\.\/)+/u, "").split("/")) {
    const segment = decode(encoded);
    if (segment === undefined || !isName(segment)) return undefined;
    segments.push(segment);
  }
  return segments.join("/");
}

/** Whether a path relative to the library can be published: nothing hidden, nothing outside. */
export function isServablePath(path: string): boolean {
  return path.split("/").every((segment) => isName(segment) && !segment.startsWith("."));
}

function isName(segment: string): boolean {
  return !["", ".", ".."].includes(segment) && !/[/\\\0]/u.test(segment) && segment.isWellFormed();
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Generators that do not encode at all leave a percent sign as it is.
    return segment.includes("%") ? segment : undefined;
  }
}
