import type { TableFormat } from "../output/table.ts";
import { usageError } from "../process/cli-error.ts";
import type { FormatFlags } from "./list-options.ts";

/**
 * Reads in which format a list is wanted.
 * @throws {@link CliError} exit code 2: flags contradict each other.
 */
export function readFormat(flags: Omit<FormatFlags, "header" | "output"> & { readonly output?: string }): TableFormat {
  const { output, json = false, null: isNull = false } = flags;
  const formats = [output, json ? "json" : undefined, isNull && output !== "name" ? "null" : undefined];
  const [first, ...others] = formats.filter((format) => format !== undefined);
  if (others.some((other) => other !== first)) throw usageError("Cannot combine -o, --json and -0");
  return isNull ? "null" : ((first as TableFormat | undefined) ?? "table");
}
