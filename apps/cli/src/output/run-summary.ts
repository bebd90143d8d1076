import process from "node:process";
import { join, relative } from "node:path";
import type { DownloadState, FileState } from "@carrel/core";
import { formatBytes, formatCount, formatPart } from "./format.ts";
import { printable } from "./printable.ts";

/** How a run has ended, for its files: whole, wrong, left for another run, or not begun. Sizes in bytes. */
export interface RunSummary {
  /** Files that are known; those of items that were not begun are not. */
  readonly files: number;
  /** Files that are there, verified. */
  readonly whole: number;
  /** Files that are there, and could not be verified or were left alone. */
  readonly unverified: number;
  /** Files whose bytes arrived, and were wrong each time. */
  readonly damaged: number;
  /** Files that could not be downloaded for another reason. */
  readonly failed: number;
  /** Files of which a part is kept, from which the next run resumes. */
  readonly interrupted: number;
  readonly keptBytes: number;
  readonly notBegun: number;
  /** Items whose files are not known, because they were not begun. */
  readonly itemsNotBegun: number;
}

/** An item of a run, as its events left it. */
export interface EndedItem {
  readonly name: string;
  /** Where its files go; absent where that is of no concern to a person. */
  readonly directory?: string;
  /** `undefined` where it was not begun. */
  readonly state: DownloadState | undefined;
}

/** A part of a file that is left for another run. */
interface Part {
  readonly receivedBytes: number;
  readonly totalBytes: number | undefined;
  /** Such as ` are kept in a/b.iso.part`, or ` of "a/b.iso" are kept`. */
  readonly where: string;
}

/** Files of a run, as its events left them. */
export class EndedRun {
  readonly #items: readonly EndedItem[];
  readonly #files: readonly FileState[];
  readonly #itemsNotBegun: number;

  constructor(items: readonly EndedItem[]) {
    this.#items = items;
    this.#files = items.flatMap(({ state }) => state?.files ?? []);
    this.#itemsNotBegun = items.filter(({ state }) => state === undefined || state.files.length === 0).length;
  }

  /** The numbers, for programs. */
  get summary(): RunSummary {
    const count = (is: (file: FileState) => boolean): number => this.#files.filter(is).length;
    return {
      files: this.#files.length,
      whole: count((file) => isThere(file) && file.verifiedBy !== "nothing"),
      unverified: count((file) => isThere(file) && file.verifiedBy === "nothing"),
      damaged: count(isDamaged),
      failed: count((file) => file.phase === "failed" && !isDamaged(file) && !isKept(file)),
      interrupted: count(isKept),
      keptBytes: this.#parts.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
      notBegun: count((file) => !isThere(file) && file.phase !== "failed" && !isKept(file)),
      itemsNotBegun: this.#itemsNotBegun,
    };
  }

  get #parts(): readonly Part[] {
    return this.#items.flatMap(({ name: item, directory, state }) => {
      return (state?.files ?? []).filter(isKept).map(({ name, keptBytes: receivedBytes = 0, totalBytes }) => {
        const path = directory === undefined ? undefined : shortPath(join(directory, `${name}.part`));
        const where =
          path === undefined ? ` of "${printable(item)}/${printable(name)}" are kept` : ` are kept in ${path}`;
        return { receivedBytes, totalBytes, where };
      });
    });
  }

  /**
   * Says in a line what there is and what the same command will do; `undefined` where nothing was begun, so that there is nothing to
   * say.
   * @param existing - What the run does with files that exist.
   */
  describe(existing: "resume" | "skip" | "error" | "overwrite" = "resume"): string | undefined {
    const { files, whole, unverified, damaged, failed, interrupted, notBegun } = this.summary;
    if (whole + unverified + damaged + failed + interrupted === 0) return undefined;
    const missing = damaged + failed + interrupted + notBegun;
    const sentences = [this.#describeFiles(), this.describeParts(), this.#next(existing, missing)];
    return sentences.filter((sentence) => sentence !== undefined).join(" ") || `${formatCount(files, "file")}.`;
  }

  #describeFiles(): string | undefined {
    const { files, whole, unverified, damaged, failed, notBegun, itemsNotBegun } = this.summary;
    const times = Math.max(0, ...this.#files.filter(isDamaged).map(({ damages = 0 }) => damages + 1));
    const howOften = times > 1 ? ` ${times} times` : "";
    if (files === 1 && itemsNotBegun === 0) return damaged > 0 ? `The file arrived damaged${howOften}.` : undefined;
    const parts = [
      `${whole} of ${formatCount(files, "file")} ${whole === 1 ? "is" : "are"} whole`,
      ...(unverified > 0 ? [`${unverified} UNVERIFIED`] : []),
      ...(damaged > 0 ? [`${damaged} arrived damaged${howOften}`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(notBegun > 0 ? [`${notBegun} ${notBegun === 1 ? "was" : "were"} not begun`] : []),
      ...(itemsNotBegun > 0
        ? [`nor ${itemsNotBegun === 1 ? "was" : "were"} ${formatCount(itemsNotBegun, "item")}`]
        : []),
    ];
    return `${parts.join(", ")}.`;
  }

  /** Says how much of which files is kept; `undefined` where nothing is. */
  describeParts(): string | undefined {
    const parts = this.#parts;
    const [first] = parts;
    if (first === undefined) return undefined;
    if (parts.length === 1) {
      return `${formatPart(first)}${first.where}.`;
    }
    return `${formatBytes(this.summary.keptBytes)} of ${parts.length} files are kept.`;
  }

  #next(existing: "resume" | "skip" | "error" | "overwrite", missing: number): string | undefined {
    const { files, whole, unverified, interrupted } = this.summary;
    // What fails the same way each time is for the advice on the failure.
    const fetched = missing - this.#files.filter(isHopeless).length;
    if (existing === "error" && whole + unverified > 0) return "The same command fails while these exist.";
    if (existing === "overwrite") return "The same command downloads everything again.";
    if (fetched === 0) return undefined;
    if (existing === "error") return "The same command begins again.";
    if (interrupted === 0)
      return `The same command fetches ${missing === 1 ? "it" : fetched < missing ? `${fetched} of them` : `those ${missing}`}.`;
    if (files === 1) return "The same command resumes there.";
    const rest = fetched - interrupted;
    return `The same command resumes there${rest > 0 ? `, and fetches the other ${rest === 1 ? "one" : rest}` : ""}.`;
  }
}

function isThere({ phase }: FileState): boolean {
  return phase === "finished" || phase === "skipped";
}

function isKept(file: FileState): boolean {
  return file.keptBytes !== undefined && !isThere(file);
}

/** It has failed, and fails again until something is changed. */
function isHopeless(file: FileState): boolean {
  return file.phase === "failed" && file.error?.retryable === false && !isKept(file);
}

/** All of its bytes arrived, and they are not those of the file. */
function isDamaged({ phase, error, keptBytes }: FileState): boolean {
  const problems = ["digest", "length", "archive", "changed"];
  return (
    phase === "failed" &&
    keptBytes === undefined &&
    error?.code === "INTEGRITY" &&
    problems.includes(error.problem ?? "")
  );
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return printable(short === "" || short.startsWith("..") ? path : short);
}
