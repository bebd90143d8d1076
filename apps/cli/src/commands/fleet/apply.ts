import { defined } from "@carrel/core/kit";
import type { FleetChange, FleetDocument, FleetMirror, FleetSection } from "@carrel/fleet/document";
import { formatCount } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { confirm } from "../../run/ask.ts";
import type { Run } from "../../run/run-command.ts";
import { rememberFleet } from "../../state/fleet-memory.ts";
import { findDatabase } from "./database.ts";
import { openDesk } from "./desk.ts";
import { readDocumentFile } from "./document-file.ts";
import { loadDocuments } from "./load-fleet.ts";
import { serverOf } from "./surroundings.ts";

/** Flags of `carrel fleet apply`. */
export interface ApplyFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `carrel fleet apply`. With --dry-run the exit code is 1 where something would change. */
export async function runApply(path: string, flags: ApplyFlags, run: Run): Promise<ExitCode> {
  const { yes = false, dryRun = false, json = false } = flags;
  const { screen, io } = run;
  const document = await readDocumentFile(path, { json }, run);
  await checkServers(document, run);
  const database = await findDatabase(io.env, document);
  if (document.database !== undefined && database.location !== document.database) {
    run.warn("The database is that of CARREL_FLEET_DATABASE, and not that of the document");
  }
  await using desk = await openDesk(database, run);
  const { compareDocuments } = await loadDocuments();
  const before = await desk.document();
  const changes = compareDocuments(before, document);
  for (const change of changes) {
    if (json) screen.printJson({ type: "change", ...change });
    else for (const line of await describeChange(change, document, run)) screen.print(line);
  }
  const isNew = before === undefined || before.database !== document.database || changes.length > 0;
  const end = (applied: boolean): void => {
    if (json) screen.printJson({ type: "summary", changes: changes.length, applied });
  };
  if (!isNew) {
    if (!json) screen.print("Nothing changes.");
    end(false);
    return exitCodes.done;
  }
  if (dryRun) {
    end(false);
    return exitCodes.failed;
  }
  if (!yes && !(await confirm(`Apply ${formatCount(changes.length, "change")}?`, "--yes", run))) {
    throw new CliError("Not applied", { exitCode: exitCodes.failed });
  }
  await desk.apply(document);
  await remember(document, run);
  end(true);
  if (json) return exitCodes.done;
  screen.print(`Applied: ${formatCount(changes.length, "change")}.`);
  const { workers } = await desk.status();
  if (workers.length === 0) screen.remark("No worker runs, which would do it: carrel fleet run");
  return exitCodes.done;
}

/** It is applied also where this machine cannot remember it. */
async function remember({ database, mirrors }: FleetDocument, run: Run): Promise<void> {
  try {
    await rememberFleet(run.io.env, { mirrors: Object.keys(mirrors), ...defined({ database }) });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    run.trace(error.message);
    if (database !== undefined) run.warn(`${error.message}. Other commands need CARREL_FLEET_DATABASE here`);
  }
}

/**
 * Finds out whether vCenters that have different names are one, so that their limits would not hold. What this machine does not
 * know only the workers need.
 */
async function checkServers({ vcenters }: FleetDocument, run: Run): Promise<void> {
  const seen = new Map<string, string>();
  for (const [name, vcenter] of Object.entries(vcenters)) {
    let origin: string;
    try {
      origin = (await serverOf(name, vcenter, run.io.env)).server.origin;
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      run.warn(`${error.message}. The workers need it`);
      continue;
    }
    const other = seen.get(origin);
    if (other !== undefined) {
      throw new CliError(
        `vCenters "${other}" and "${name}" are both ${origin}: neither limit would hold. Nothing was applied`,
        { exitCode: exitCodes.usage, hints: ["Name it once, with the transfers that it can bear from all mirrors."] },
      );
    }
    seen.set(origin, name);
  }
}

const marks = { added: "+", changed: "~", removed: "-" } as const;
const colours = { added: "green", changed: "yellow", removed: "red" } as const;
const nouns: Readonly<Record<FleetSection, string>> = { vcenters: "vCenter", targets: "target", mirrors: "mirror" };

async function describeChange(
  { change, section, name, values }: FleetChange,
  document: FleetDocument,
  { screen }: Run,
): Promise<readonly string[]> {
  const mark = screen.paint(colours[change], marks[change]);
  const facts = values.flatMap(({ key, before, after }) => {
    if (change === "changed") return [`${key} ${shown(before)} → ${shown(after)}`];
    const value = after ?? before;
    // What is off, and the usual priority.
    return value === false || value === 0 ? [] : [`${key} ${shown(value)}`];
  });
  const head = `${nouns[section]} ${name}: ${facts.join(", ")}`;
  const more: string[] = [];
  const mirror = section === "mirrors" ? document.mirrors[name] : undefined;
  if (mirror?.cron !== undefined && values.some(({ key }) => key === "cron" || key === "timezone")) {
    more.push(`next: ${await nextText(mirror)}`);
  }
  if (section === "mirrors" && change === "removed") more.push("its files stay where they are");
  if (section === "mirrors" && change === "changed" && values.some(({ key }) => key === "target" || key === "prefix")) {
    more.push("everything is fetched again; the files stay where they were");
  }
  const lines = screen.fit(printable(head), "    ");
  return [
    ...lines.map((line, index) => (index === 0 ? `${mark} ${line}` : line)),
    ...more.flatMap((line) => screen.fit(`    ${printable(line)}`)),
  ];
}

async function nextText({ cron = "", timezone = "UTC" }: FleetMirror): Promise<string> {
  const { nextTimes } = await loadDocuments();
  const times = nextTimes(cron, { timezone, count: 3, from: new Date() });
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "short" });
  return `${times.map((time) => format.format(time)).join(", ")} (${timezone})`;
}

function shown(value: string | number | boolean | undefined): string {
  return typeof value === "string" ? JSON.stringify(value) : value === undefined ? "none" : String(value);
}
