import { relative, sep } from "node:path";

/** A line as `sha256sum` writes it: names with a backslash or a line break are escaped, and the line says so. */
export function checksumLine(hex: string, name: string): string {
  const escaped = name
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`);
  return `${escaped === name ? "" : "\\"}${hex}  ${escaped}\n`;
}

/** How `sha256sum` names a file that is seen from a folder: with slashes on Windows too, and never `-`, which is its input. */
export function checksumName(
  folder: string,
  path: string,
  system: { readonly relative: typeof relative; readonly sep: string } = { relative, sep },
): string {
  const name = system.relative(folder, path).split(system.sep).join("/");
  return name === "-" ? "./-" : name;
}
