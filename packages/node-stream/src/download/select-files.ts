import { TransferError } from "@carrel/core";
import { assertSafeNames, quote } from "@carrel/core/transfer";
import { matchesName } from "../files/matches-name.ts";
import type { DownloadItemOptions } from "./download-item-options.ts";
import type { SourceFile } from "@carrel/core/transfer";
import { partialEnding } from "../sink/file-paths.ts";

/** Selects the requested files, and makes sure that their names are safe to write. */
export function selectFiles(
  files: readonly SourceFile[],
  options: Pick<DownloadItemOptions, "include" | "exclude">,
): readonly SourceFile[] {
  const { include } = options;
  const wanted = files.filter(({ name }) => isWanted(name, options));
  if (wanted.length === 0 && include !== undefined) {
    const names = files.map(({ name }) => quote(name)).join(", ");
    throw new TransferError(`No file matches ${include.map(quote).join(", ")}: the item has ${names || "no files"}`, {
      problem: "no-match",
      retryable: false,
    });
  }
  assertSafeNames(
    wanted.map(({ name }) => name),
    partialEnding,
  );
  return wanted;
}

/** Returns whether a file of that name is requested. */
export function isWanted(
  name: string,
  { include, exclude = [] }: Pick<DownloadItemOptions, "include" | "exclude">,
): boolean {
  const matches = (globs: readonly string[]): boolean => globs.some((glob) => matchesName(name, glob));
  return (include === undefined || matches(include)) && !matches(exclude);
}

/** Sorts files in the order of work: manifests first, because the others are checked against them. */
export function inOrder<T extends Pick<SourceFile, "name">>(files: readonly T[]): readonly T[] {
  const rank = ({ name }: T): number => (/\.mf$/iu.test(name) ? 0 : /\.(?:ovf|cert)$/iu.test(name) ? 1 : 2);
  return files.toSorted((one, other) => rank(one) - rank(other));
}
