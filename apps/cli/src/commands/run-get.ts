import process from "node:process";
import { connect } from "../connect.ts";
import { downloadTarget } from "../download-target.ts";
import { parseTarget } from "../names/parse-target.ts";
import { printable } from "../output/printable.ts";
import type { Run } from "../run-command.ts";
import type { ConnectionFlags } from "../settings/connection-settings.ts";
import { readSettings } from "../settings/read-settings.ts";

/** Flags of `carrel get`. */
export interface GetFlags extends ConnectionFlags {
  readonly output?: string;
  readonly debug?: boolean;
}

/** `carrel get`. */
export async function runGet(target: string, flags: GetFlags, run: Run): Promise<void> {
  const parsed = parseTarget(target);
  const settings = await readSettings(flags, process.env);
  await using connection = connect(settings, run);
  const report = await downloadTarget(connection, parsed, flags.output, run);
  run.screen.print(`They are in ${printable(report.folder)}`);
}
