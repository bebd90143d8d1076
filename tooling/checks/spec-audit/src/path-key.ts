import type { Style } from "./document.ts";

export interface PathKey {
  readonly style: Style;
  readonly path: string;
  readonly action: string | undefined;
}

/**
 * Parses a path key. The vendor hides the action in it (`?action=find`, `?~action=find`), and query names that
 * only make the key unique (`?file_name`); ours uses a fragment for that. None of it is part of the path.
 */
export function readPathKey(base: string, key: string): PathKey {
  const [beforeFragment = ""] = key.split("#");
  const [path = "", query = ""] = beforeFragment.split("?");
  const search = new URLSearchParams(query);
  return { ...readStyle(base + path), action: search.get("action") ?? search.get("~action") ?? undefined };
}

function readStyle(full: string): { style: Style; path: string } {
  for (const style of ["api", "rest"] as const) {
    if (full.startsWith(`/${style}/`)) return { style, path: full.slice(style.length + 1) };
  }
  return { style: full.startsWith("/com/vmware/") ? "rest" : "api", path: full };
}

/** The part of a server URL or `basePath` that stands before every path: "", "/api" or "/rest". */
export function readBase(url: string | undefined): string {
  return (url ?? "").replace(/^[a-z]+:\/\/[^/]*/, "").replace(/\/+$/, "");
}

/** What two paths must share to mean the same: everything but the names of the path parameters. */
export function pathShape(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, "{}");
}

/** The part of the API that a file describes as a whole or not at all: the vendor has one file for each. */
export function pathFamily(style: Style, path: string): string {
  return path
    .split("/")
    .slice(0, style === "rest" ? 4 : 2)
    .join("/");
}
