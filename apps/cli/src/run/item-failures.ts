import { ServerError } from "@carrel/core";
import { exitCodes } from "../process/cli-error.ts";
import type { ExitCode } from "../process/cli-error.ts";
import { explainFailure, failureEvent, failureLines } from "./explain-failure.ts";
import { printable } from "../output/printable.ts";
import type { Screen } from "../output/screen.ts";

/** An item that nothing could be done about. */
export interface ItemFailure {
  readonly id: string;
  readonly name: string;
  /** Where one file of the item failed and others did not. */
  readonly file?: string;
  /** What it is called, where that is not the item's name. */
  readonly label?: string;
  readonly error: unknown;
}

// What the most is to be worried about comes first.
const bySeriousness: readonly ExitCode[] = [
  exitCodes.certificate,
  exitCodes.authentication,
  exitCodes.integrity,
  exitCodes.failed,
  exitCodes.notFound,
];

/** How failures are told. */
export interface ItemFailuresOptions {
  /** Also on standard output, as JSON. */
  readonly json: boolean;
  /** What names it in JSON; `item` and `itemId` by default. */
  readonly members?: (failure: ItemFailure) => Readonly<Record<string, string>>;
}

/** The items of a run that failed while it went on with others. Each is told at once. */
export class ItemFailures {
  readonly #screen: Screen;
  readonly #options: ItemFailuresOptions;
  readonly #codes: ExitCode[] = [];
  readonly #names: string[] = [];

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

  /** That of the most serious one; 0 where there is none. */
  get exitCode(): ExitCode {
    return bySeriousness.find((code) => this.#codes.includes(code)) ?? this.#codes[0] ?? exitCodes.done;
  }

  /** Takes one in, and tells it. */
  add(item: ItemFailure): void {
    const { id, name, file, label = name, error } = item;
    const failure = explainFailure(error);
    const { type: _type, ...rest } = failureEvent(failure);
    this.#codes.push(failure.exitCode);
    this.#names.push(label);
    for (const line of failureLines(failure, label)) this.#screen.note(line);
    if (!this.#options.json) return;
    const members = this.#options.members?.(item) ?? { item: name, itemId: id, ...(file !== undefined && { file }) };
    this.#screen.printJson({ type: "failed", ...members, ...rest });
  }
}

/** Whether it will be the same for the next item: whoever is not let in now will not be let in then. */
export function concernsAll(error: unknown): boolean {
  return error instanceof ServerError && error.errorType === "UNAUTHENTICATED";
}
