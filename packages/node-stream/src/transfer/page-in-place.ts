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
