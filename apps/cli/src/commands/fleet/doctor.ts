import type { FleetCheck } from "@carrel/fleet";
import { printable } from "../../output/printable.ts";
import { exitCodes } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { findDatabase } from "./database.ts";
import { openDesk } from "./desk.ts";
import { checkJson } from "./status-json.ts";

const statuses = { ok: "ok", warning: "warning", failed: "failure" } as const;
const colours = { ok: "green", warning: "yellow", failed: "red" } as const;

/** `carrel fleet doctor`. */
export async function runDoctor({ json = false }: { readonly json?: boolean }, run: Run): Promise<ExitCode> {
  const { screen } = run;
  await using desk = await openDesk(await findDatabase(run.io.env), run);
  const checks = await desk.doctor();
  const width = Math.max(...checks.map((each) => labelOf(each).length));
  for (const each of checks) {
    const { check, name, result } = each;
    const message = check === "database" ? `${each.message}, ${name}` : each.message;
    if (json) {
      screen.printJson(checkJson(each));
      continue;
    }
    const mark = statuses[result].padEnd(7);
    const label = printable(labelOf(each).padEnd(width));
    const [first = "", ...others] = screen.fit(`${mark}  ${label}  ${printable(message)}`, " ".repeat(11));
    const print = (text: string): void => (result === "ok" ? screen.print(text) : screen.printFailure(text));
    print(screen.paint(colours[result], mark) + first.slice(mark.length));
    for (const part of others) print(part);
  }
  const counts = { failures: 0, warnings: 0 };
  for (const { result } of checks) {
    if (result === "failed") counts.failures += 1;
    if (result === "warning") counts.warnings += 1;
  }
  if (json) screen.printJson({ type: "summary", steps: checks.length, ...counts });
  return counts.failures > 0 ? exitCodes.failed : exitCodes.done;
}

/** A target and a vCenter have names; the others are about the database, whose name is long. */
function labelOf({ check, name }: FleetCheck): string {
  return check === "target" || check === "vcenter" ? `${check} ${name}` : check;
}
