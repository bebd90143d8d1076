import { ServerError } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { exitCodes } from "../process/cli-error.ts";
import type { ExitCode } from "../process/cli-error.ts";
import { explainFailure, jsonError, failureLines } from "./explain-failure.ts";
import { printable } from "../output/printable.ts";
import type { Screen } from "../output/screen.ts";

/** An item that failed. */
export interface ItemFailure {
  readonly id: string;
  readonly name: string;
  /** The file that failed, where others of the item did not. */
  readonly file?: string;
  /** Its name in messages, where that is not the item's. */
  readonly label?: string;
  /** What stands before the message, where that is not the label; empty where the message says what it is about. */
  readonly subject?: string;
  readonly error: unknown;
}

// The most serious comes first.
const bySeriousness: readonly ExitCode[] = [
  exitCodes.certificate,
  exitCodes.authentication,
  exitCodes.integrity,
  exitCodes.failed,
  exitCodes.notFound,
];

/** Options of {@link ItemFailures}. */
export interface ItemFailuresOptions {
  /** Also reports failures on standard output, as JSON. */
  readonly json: boolean;
  /** The members that identify the item in JSON; `item` and `itemId` by default. */
  readonly members?: (failure: ItemFailure) => Readonly<Record<string, string>>;
}

/** Collects the items that failed in a run that continued with others. Reports each at once. */
export class ItemFailures {
  readonly #screen: Screen;
  readonly #options: ItemFailuresOptions;
  readonly #codes: ExitCode[] = [];
  readonly #names: string[] = [];
  /** Advice that was given: the same for the next item is not repeated. */
  readonly #advised = new Set<string>();

  constructor(screen: Screen, options: ItemFailuresOptions) {
    this.#screen = screen;
    this.#options = options;
  }

  get count(): number {
    return this.#names.length;
  }

  /** Such as `"ubuntu-26.04", "debian-13"`. */
  get names(): string {
    return this.#names.map((name) => `"${printable(name)}"`).join(", ");
  }

  /** The exit code of the most serious failure; 0 where there is none. */
  get exitCode(): ExitCode {
    return mostSerious(this.#codes);
  }

  /** Adds a failure, and reports it. */
  add(item: ItemFailure): void {
    const { id, name, file, label = name, subject = label, error } = item;
    const failure = explainFailure(error);
    this.#codes.push(failure.exitCode);
    this.#names.push(label);
    const advice = failure.hints.join("\n");
    const said = this.#advised.has(advice) ? { ...failure, hints: [] } : failure;
    this.#advised.add(advice);
    for (const line of failureLines(said, subject || undefined)) this.#screen.note(line);
    if (!this.#options.json) return;
    const members = this.#options.members?.(item) ?? { item: name, itemId: id, ...defined({ file }) };
    this.#screen.printJson({ type: "failed", ...members, error: jsonError(failure) });
  }
}

/** Returns the exit code of the most serious failure; 0 where there is none. */
export function mostSerious(codes: readonly ExitCode[]): ExitCode {
  return (
    bySeriousness.find((code) => codes.includes(code)) ??
    codes.find((code) => code !== exitCodes.done) ??
    exitCodes.done
  );
}

/** Whether the next item would fail in the same way: a refused login stays refused. */
export function concernsAll(error: unknown): boolean {
  return error instanceof ServerError && error.errorType === "UNAUTHENTICATED";
}
