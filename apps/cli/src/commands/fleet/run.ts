import type { FleetEvent } from "@carrel/fleet";
import { formatBytes, formatCount } from "../../output/format.ts";
import { exitCodes } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { parseCount } from "../../settings/parse-values.ts";
import { serveControl } from "./control-server.ts";
import { findDatabase } from "./database.ts";
import { openForWork } from "./desk.ts";
import { serveMetrics } from "./metrics-server.ts";
import { WorkerDisplay } from "./worker-display.ts";

/** Flags of `carrel fleet run`. */
export interface RunFlags {
  readonly transfers: string;
  readonly once?: boolean;
  readonly metrics?: string;
  readonly name?: string;
  readonly json?: boolean;
}

/** `carrel fleet run`. A worker that is stopped by a signal has done what it should: the exit code is 0. */
export async function runWorker(flags: RunFlags, run: Run): Promise<ExitCode> {
  const { once = false, json = false, metrics, name } = flags;
  const { screen, signal } = run;
  const transfers = parseCount(flags.transfers, "--transfers");
  const database = await findDatabase(run.io.env);
  await using fleet = await openForWork(database, run);
  const counts = { mirrored: 0, failed: 0, receivedBytes: 0 };
  await using served = metrics === undefined ? undefined : await serveMetrics(metrics, () => fleet.status(), counts);
  await using _ = database.kind === "embedded" ? await serveControl(fleet, database.location, run) : undefined;
  using display = new WorkerDisplay(run, { json });
  if (served !== undefined) {
    if (json) screen.printJson({ type: "serving", url: served.url });
    else screen.remark(`Metrics: ${served.url}/metrics, health: ${served.url}/healthz`);
  }
  const notCompared = new Set<string>();
  const on = (event: FleetEvent): void => {
    if (event.type === "plan-failed") notCompared.add(event.mirror);
    if (event.type === "planned") notCompared.delete(event.mirror);
    if (event.type === "failed") counts.failed += 1;
    if (event.type === "mirrored") {
      counts.mirrored += event.action === "none" ? 0 : 1;
      counts.receivedBytes += event.receivedBytes;
    }
    display.show(event);
  };
  const report = await fleet.run({ transfers, once, signal, on, ...(name !== undefined && { name }) });
  display[Symbol.dispose]();
  const { mirrored, failed, receivedBytes } = report;
  const parts = [
    `${formatCount(mirrored, "item")} put into place (${formatBytes(receivedBytes)} received)`,
    failed > 0 ? `${failed} ${failed === 1 ? "try" : "tries"} failed` : "",
    notCompared.size > 0 ? `not compared: ${[...notCompared].join(", ")}` : "",
  ];
  const text = parts.filter((part) => part !== "").join(", ");
  run.summarize(text);
  if (json) screen.printJson({ type: "summary", mirrored, failed, receivedBytes });
  else screen.print(`${text}.`);
  return once && failed + notCompared.size > 0 ? exitCodes.failed : exitCodes.done;
}
