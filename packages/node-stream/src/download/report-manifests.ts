import { basename } from "node:path";
import { IntegrityError } from "@carrel/core";
import type { ManifestReport } from "@carrel/core";
import { quote } from "@carrel/core/transfer";
import type { ItemState } from "./item-state.ts";
import type { FileReport } from "./report.ts";
import { isWanted } from "./select-files.ts";

/** Reports what became of the manifests. */
export async function reportManifests(
  { emit, manifest, options }: Pick<ItemState, "emit" | "manifest" | "options">,
  files: readonly FileReport[],
  { isComplete }: { readonly isComplete: boolean },
): Promise<readonly ManifestReport[]> {
  const reports = await manifest.reports(new Set(files.map(({ name }) => name)));
  for (const report of reports) emit({ type: "manifest", ...report });
  const missing = (await manifest.missing()).find(({ named = "" }) => isWanted(basename(named), options));
  if (!isComplete || (options.requireVerified ?? false) === false || missing === undefined) return reports;
  const { manifest: manifestName = "", line, named = "" } = missing;
  throw new IntegrityError(
    `${quote(named)} is missing: the OVF manifest ${quote(manifestName)} names it in line ${line}`,
    { problem: "incomplete" },
  );
}
