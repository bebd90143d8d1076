import type { FleetEvent, FleetItemName } from "@carrel/fleet";
import { formatBytes, formatCount } from "../../output/format.ts";
import { printable } from "../../output/printable.ts";
import type { ProgressRow } from "../../output/progress-row.ts";
import type { Run } from "../../run/run-command.ts";
import { eventJson } from "./status-json.ts";
import { labelOf } from "./status-view.ts";

interface Shown {
  readonly label: string;
  readonly files: Map<string, { readonly bytes: number; readonly totalBytes: number | undefined }>;
}

/** Shows what a worker does: lines that stay, and on a terminal bars of what it is at. With JSON, the events. */
export class WorkerDisplay implements Disposable {
  readonly #run: Run;
  readonly #json: boolean;
  readonly #atWork = new Map<string, Shown>();
  readonly #bars: Disposable | undefined;

  constructor(run: Run, { json }: { readonly json: boolean }) {
    this.#run = run;
    this.#json = json;
    this.#bars = json ? undefined : run.screen.showBars(() => this.#rows());
  }

  /** Shows an event. */
  show(event: FleetEvent): void {
    this.#follow(event);
    const { screen } = this.#run;
    if (this.#json) {
      // Bars are for people; for programs the status has what is there.
      if (event.type !== "progress") screen.printJson(eventJson(event));
      return;
    }
    const line = describe(event);
    if (line === undefined) return;
    if (isBadNews(event)) screen.note(printable(line));
    else screen.print(printable(line));
  }

  /** Removes the bars. */
  [Symbol.dispose](): void {
    this.#bars?.[Symbol.dispose]();
  }

  #follow(event: FleetEvent): void {
    if (event.type === "started") this.#atWork.set(keyOf(event), { label: labelOf(event), files: new Map() });
    if (event.type === "progress") {
      const { file, bytes, totalBytes } = event;
      this.#atWork.get(keyOf(event))?.files.set(file, { bytes, totalBytes });
    }
    if (event.type === "mirrored" || event.type === "failed" || event.type === "lost")
      this.#atWork.delete(keyOf(event));
  }

  #rows(): readonly ProgressRow[] {
    return [...this.#atWork.values()].map(({ label, files }) => {
      const all = [...files.values()];
      const isKnown = all.length > 0 && all.every(({ totalBytes }) => totalBytes !== undefined);
      return {
        label,
        receivedBytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
        ...(isKnown && { totalBytes: all.reduce((sum, { totalBytes = 0 }) => sum + totalBytes, 0) }),
      };
    });
  }
}

function keyOf({ mirror, itemId }: FleetItemName): string {
  return `${mirror}/${itemId}`;
}

function isBadNews({ type }: FleetEvent): boolean {
  return type === "failed" || type === "plan-failed" || type === "lost" || type === "database-lost";
}

function describe(event: FleetEvent): string | undefined {
  switch (event.type) {
    case "ready":
      return `${event.worker} waits for work. Ctrl-C stops it.`;
    case "planned": {
      const { mirror, items, unchanged, deleted, failed } = event;
      const parts = [
        `${formatCount(items, "item")} to update`,
        `${unchanged} in place`,
        deleted > 0 ? `${deleted} deleted` : "",
        failed > 0 ? `${failed} cannot be mirrored` : "",
      ];
      return `compared: ${mirror} (${parts.filter((part) => part !== "").join(", ")})`;
    }
    case "plan-failed":
      return `could not compare ${event.mirror}: ${event.error.message}${againText(event.isDead)}`;
    case "started":
      if (event.isTakenOver) return `taking over: ${labelOf(event)}, from a worker that gave no sign of life`;
      return undefined;
    case "mirrored":
      return event.action === "none"
        ? undefined
        : `${event.action}: ${labelOf(event)} (${formatBytes(event.receivedBytes)})`;
    case "failed":
      return `failed: ${labelOf(event)}: ${event.error.message}${againText(event.isDead)}`;
    case "lost":
      return `left to another worker: ${labelOf(event)}`;
    case "swept":
      return `ended at ${event.vcenter}: ${formatCount(event.sessions, "download session")} that no worker held`;
    case "database-lost":
      return `The database does not answer: ${event.error.message}`;
    case "database-back":
      return "The database answers again.";
    case "progress":
      return undefined;
    default:
      return event satisfies never;
  }
}

function againText(isDead: boolean): string {
  return isDead ? " (given up)" : " (to be tried again)";
}
