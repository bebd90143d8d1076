import { performance } from "node:perf_hooks";
import { defined } from "@carrel/core/kit";
import type { MirrorEvent, MirrorPlan, MirrorPublication } from "@carrel/mirror";
import { exitCodes } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { DownloadBars, synchronizingText, unflushedText, waitingText } from "../../output/download-display.ts";
import type { ItemBars } from "../../output/download-display.ts";
import { formatCount } from "../../output/format.ts";
import type { Outages } from "../../output/outages.ts";
import { joinPlace } from "../../output/place-path.ts";
import { printable } from "../../output/printable.ts";
import type { ProgressRow } from "../../output/progress-row.ts";
import { isWorthALine } from "../../output/space-line.ts";
import { showStatus } from "../../output/status.ts";
import { describeNotes } from "../../output/verdict.ts";
import { ItemFailures } from "../../run/item-failures.ts";
import type { ItemFailure } from "../../run/item-failures.ts";
import type { Run } from "../../run/run-command.ts";
import { doneLine, mirroredFileLines, mirroredLine, mirrorLine, publishedLines } from "./json-lines.ts";
import {
  describeDeletion,
  describeDone,
  describeDryRun,
  describeMirrored,
  describeMirrorSpace,
  describePlanned,
  describePlannedChange,
  plannedOf,
} from "./sentences.ts";
import { describeEnd, MirrorTally } from "./summary.ts";

/** How a run is shown. */
export interface DisplayOptions {
  /** Absolute path of the mirror. */
  readonly root: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly library: string;
  readonly libraryId: string;
  /** The library, where several are mirrored: it comes before the names of items. */
  readonly label?: string;
  /** Reports outages. */
  readonly outages: Outages;
}

type EventOf<Type extends MirrorEvent["type"]> = Extract<MirrorEvent, { type: Type }>;

/** Shows a mirror run by its events: bars, lines or JSON. Disposal, and an abort, remove the bars. */
export class MirrorDisplay implements Disposable {
  readonly #run: Run;
  readonly #options: DisplayOptions;
  readonly #failures: ItemFailures;
  readonly #undeleted: ItemFailures;
  readonly #tally: MirrorTally = new MirrorTally();
  /** What begins the bars of an item, by its id. */
  #items: ReadonlyMap<string, () => ItemBars> = new Map();
  #downloads: DownloadBars | undefined;
  readonly #bars = new Map<string, ItemBars>();
  /** Names of the directories of items that are updated, by the items' ids. */
  readonly #directories = new Map<string, string>();
  /** Names of the files that were downloaded, by the items' ids. */
  readonly #fetched = new Map<string, Set<string>>();
  #reading: EventOf<"reading"> | undefined;
  #verifying: EventOf<"verifying"> | undefined;
  #live: Disposable | undefined;
  #toDo = 0;
  #hasWarnedOfFlush = false;
  #isDone = false;

  constructor(run: Run, options: DisplayOptions) {
    this.#run = run;
    this.#options = options;
    const { json, library, libraryId, root } = options;
    const members = ({ name: item, id: itemId }: ItemFailure): Record<string, string> => {
      const directory = this.#directories.get(itemId);
      return { library, libraryId, item, itemId, ...defined({ path: directory && joinPlace(root, directory) }) };
    };
    this.#failures = new ItemFailures(run.screen, { json, members });
    this.#undeleted = new ItemFailures(run.screen, { json, members });
    this.#show(() => showStatus(run.screen, () => this.#readingText()));
    run.signal.addEventListener("abort", this.#hide, { once: true });
    if (!options.dryRun) run.atEnd((hasFailed) => this.#conclude(hasFailed));
  }

  /** Shows an event. */
  show(happened: MirrorEvent): void {
    const { label, json } = this.#options;
    const event = label === undefined || json ? happened : labelled(happened, label);
    const { outages } = this.#options;
    if (event.type === "retrying") outages.failed(event);
    else if (event.type === "reading" || event.type === "plan") outages.callAnswered();
    switch (event.type) {
      case "waiting":
        this.#run.warn(
          `The mirror is locked by ${event.holder}, which shows no sign of life: waiting up to ${Math.ceil(event.leftMs / 1_000)} s for one`,
        );
        break;
      case "reading":
        this.#reading = event;
        break;
      case "verifying":
        if (this.#verifying === undefined) this.#showVerifying(event);
        this.#verifying = event;
        break;
      case "differs":
        this.#printDifference(event);
        break;
      case "plan":
        this.#tally.plan(event);
        this.#hide();
        for (const { itemId, directory } of event.items) this.#directories.set(itemId, directory);
        if (isWorthALine(event.space.fetchBytes) && !this.#options.json && !this.#options.dryRun) {
          this.#run.screen.remark(`${this.#options.root}: ${describeMirrorSpace(event.space, this.#options.root)}`);
        }
        if (this.#options.dryRun) this.#printPlan(event);
        else this.#showDownloads(event);
        break;
      case "started": {
        this.#tally.begin(event.itemId);
        const bars = this.#items.get(event.itemId)?.();
        if (bars !== undefined) this.#bars.set(event.itemId, bars);
        break;
      }
      case "download":
        if (event.event.type === "waiting") this.#run.screen.note(`Warning: ${waitingText(event.event)}`);
        if (event.event.type === "synchronizing") this.#run.screen.remark(synchronizingText(event.item));
        if (event.event.type === "finished") this.#fetchedOf(event.itemId).add(event.event.file);
        this.#bars.get(event.itemId)?.event(event.event);
        break;
      case "mirrored":
        this.#tally.arrive(event.itemId);
        this.#printMirrored(event);
        break;
      case "failed":
        if (event.work === "update") this.#tally.fail(event.itemId, this.#items.has(event.itemId));
        this.#failuresOf(event).add({ id: event.itemId, name: event.item, error: event.error });
        this.#end(event.itemId);
        break;
      case "deleted":
      case "kept":
        this.#print(event, () => describeDeletion(event));
        break;
      case "expired":
        if (this.#options.json) this.#printJson(event);
        break;
      case "moved":
      case "retrying":
        break;
      case "done":
        this.#isDone = true;
        this.#hide();
        this.#toDo = event.dryRun ? event.toDo + Number(event.published?.isChanged ?? false) : 0;
        this.#sumUp(event, label);
        break;
      default:
        event satisfies never;
    }
  }

  #sumUp(event: EventOf<"done">, label: string | undefined): void {
    const line = event.dryRun ? describeDryRun(event, this.#options.root) : describeDone(event);
    const text = label === undefined ? line : `${label}: ${line}`;
    if (!event.dryRun) this.#run.summarize(text);
    if (event.published !== undefined) this.#printPublished(event.published, event.dryRun ?? false);
    if (this.#options.json) this.#run.screen.printJson(doneLine(event, this.#options));
    else this.#run.screen.printSentence(printable(text));
  }

  /** Sums up what failed. Returns the exit code: with a dry run 1 where there is something to do. */
  end(): ExitCode {
    if (!this.#options.dryRun) {
      const { screen } = this.#run;
      if (this.#failures.count > 0) screen.note(`carrel: Not mirrored: ${this.#failures.names}`);
      if (this.#undeleted.count > 0) screen.note(`carrel: Not deleted: ${this.#undeleted.names}`);
    }
    const failed = this.#failures.exitCode || this.#undeleted.exitCode;
    return failed === exitCodes.done && this.#toDo > 0 ? exitCodes.failed : failed;
  }

  [Symbol.dispose](): void {
    this.#run.signal.removeEventListener("abort", this.#hide);
    this.#hide();
  }

  readonly #hide = (): void => {
    this.#live?.[Symbol.dispose]();
    this.#live = undefined;
  };

  #conclude(hasFailed: boolean): void {
    const outcome = this.#downloads?.outcome;
    const summary = this.#tally.summary(outcome);
    const event = { type: "summary", ...summary, complete: !hasFailed };
    if (this.#options.json) this.#printJson(event);
    const line = hasFailed ? describeEnd(summary, outcome, { isSummedUp: this.#isDone }) : undefined;
    if (line === undefined) return;
    const { label } = this.#options;
    const text = label === undefined ? line : `${printable(label)}: ${line}`;
    this.#run.summarize(text);
    this.#run.screen.note(text);
  }

  /** Replaces what moves at the bottom of a terminal. */
  #show(make: () => Disposable): void {
    this.#hide();
    if (!this.#options.json && !this.#run.signal.aborted) this.#live = make();
  }

  #failuresOf({ work }: EventOf<"failed">): ItemFailures {
    return work === "update" ? this.#failures : this.#undeleted;
  }

  /** An item is in place, or has failed, perhaps before work on it began. */
  #end(itemId: string): void {
    (this.#bars.get(itemId) ?? this.#items.get(itemId)?.())?.end();
  }

  #readingText(): string | undefined {
    if (this.#reading === undefined) return undefined;
    return `${this.#reading.items} of ${formatCount(this.#reading.totalItems, "item")}`;
  }

  #showVerifying({ files }: EventOf<"verifying">): void {
    if (files === 0) return;
    const startedAt = performance.now();
    const row = (): ProgressRow => {
      const { readBytes: receivedBytes, totalBytes } = this.#verifying ?? { readBytes: 0, totalBytes: undefined };
      const bytesPerSecond = (receivedBytes * 1000) / (performance.now() - startedAt);
      return { label: `reading ${formatCount(files, "file")}`, receivedBytes, totalBytes, bytesPerSecond };
    };
    this.#show(() => this.#run.screen.showBars(() => [row()]));
  }

  #showDownloads({ items }: MirrorPlan): void {
    const { screen, signal } = this.#run;
    const arriving = items.map(({ item, itemId, sizeBytes }) => ({
      name: item,
      id: itemId,
      ...defined({ sizeBytes }),
    }));
    const { json, outages } = this.#options;
    const bars = new DownloadBars(screen, arriving, { signal, json, outages });
    this.#downloads = bars;
    this.#items = new Map(arriving.map((item) => [item.id, () => bars.begin(item)]));
    this.#live = bars;
  }

  #print(event: { readonly type: string }, line: () => string): void {
    if (this.#options.json) this.#printJson(event);
    else this.#run.screen.print(printable(line()));
  }

  #printJson(event: { readonly type: string }): void {
    this.#run.screen.printJson(mirrorLine(event, this.#options));
  }

  #fetchedOf(itemId: string): Set<string> {
    const fetched = this.#fetched.get(itemId) ?? new Set();
    this.#fetched.set(itemId, fetched);
    return fetched;
  }

  #printDifference({ path, ...event }: EventOf<"differs">): void {
    const { screen } = this.#run;
    if (this.#options.json) this.#printJson(event);
    const text = `${path} is not what mirror put there: its content was modified locally`;
    screen.note(printable(`carrel: "${event.item}": ${text}`));
  }

  #printPublished(published: MirrorPublication, isPlanned: boolean): void {
    const { screen } = this.#run;
    const { json } = this.#options;
    if (json) for (const line of publishedLines(published, this.#options, isPlanned)) screen.printJson(line);
    else if (isPlanned) for (const change of published.changes) screen.print(printable(describePlannedChange(change)));
    for (const { item } of published.leftOut) {
      this.#run.warn(`"${item}" is not published: it has a hidden file, or one named item.json`);
    }
  }

  #printPlan(plan: MirrorPlan): void {
    for (const planned of plannedOf(plan)) this.#print({ type: "planned", ...planned }, () => describePlanned(planned));
  }

  #printMirroredJson(event: EventOf<"mirrored">): void {
    const { screen } = this.#run;
    const fetched = this.#fetchedOf(event.itemId);
    for (const line of mirroredFileLines(event, this.#options, fetched)) screen.printJson(line);
    screen.printJson(mirroredLine(event, this.#options));
  }

  #printMirrored(event: EventOf<"mirrored">): void {
    const { screen } = this.#run;
    if (this.#options.json) this.#printMirroredJson(event);
    else screen.print(describeMirrored(event, (format, text) => screen.paint(format, text)));
    this.#end(event.itemId);
    if (!this.#options.json) {
      for (const sentence of describeNotes(event)) screen.note(printable(`Warning: "${event.item}": ${sentence}`));
    }
    const unflushed = this.#hasWarnedOfFlush ? undefined : unflushedText([{ ...event, directory: this.#options.root }]);
    if (unflushed === undefined) return;
    this.#hasWarnedOfFlush = true;
    screen.note(`Warning: ${unflushed}`);
  }
}

/** Returns an event with the names of items and directories below that of their library. */
function labelled(event: MirrorEvent, label: string): MirrorEvent {
  const below = <Named extends { readonly item: string; readonly directory?: string }>(named: Named): Named => {
    const { item, directory } = named;
    return {
      ...named,
      item: `${label}/${item}`,
      ...(directory !== undefined && { directory: `${label}/${directory}` }),
    };
  };
  if (event.type !== "plan") return "item" in event ? below(event) : event;
  const { items, deletions } = event;
  return { ...event, items: items.map(below), ...defined({ deletions: deletions?.map(below) }) };
}
