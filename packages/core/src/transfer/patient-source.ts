import { systemClock } from "../kit/time.ts";
import type { Clock } from "../kit/time.ts";
import { defined } from "../kit/objects.ts";
import { overcome } from "./patience.ts";
import type { OvercomeOptions } from "./patience.ts";
import type { LeasedEndpoint } from "./transfer-source.ts";
import type { FileFacts, ItemSource, PreparationOptions, SourceFile } from "./item-source.ts";

/**
 * Makes a call until it succeeds, or an outage lasts too long.
 *
 * @private Does not follow semantic versioning.
 */
export type Overcome = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * Overcomes outages of calls for as long as the options say; without a time, fails at the first.
 *
 * @private Does not follow semantic versioning.
 */
export function patienceOf(
  { retryForMs, clock = systemClock }: { readonly retryForMs?: number; readonly clock?: Clock },
  onRetry?: OvercomeOptions["onRetry"],
): Overcome {
  return (call, signal) => overcome(call, { retryForMs, clock, signal, ...defined({ onRetry }) });
}

/**
 * Another source whose lists and facts survive an outage. Its endpoints fail at once: the transfer that asks for them waits
 * itself, because it counts the time since its last byte.
 *
 * @private Does not follow semantic versioning.
 */
export class PatientSource implements ItemSource {
  readonly #source: ItemSource;
  readonly #overcome: Overcome;

  constructor(source: ItemSource, patiently: Overcome) {
    this.#source = source;
    this.#overcome = patiently;
  }

  get contentVersion(): string | undefined {
    return this.#source.contentVersion;
  }

  get server(): object {
    return this.#source.server;
  }

  get failure(): unknown {
    return this.#source.failure;
  }

  async files(signal: AbortSignal): Promise<readonly SourceFile[]> {
    return this.#overcome(() => this.#source.files(signal), signal);
  }

  async endpoint(fileName: string, options: PreparationOptions): Promise<LeasedEndpoint> {
    return this.#source.endpoint(fileName, options);
  }

  async facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts> {
    return this.#overcome(() => this.#source.facts(file, signal), signal);
  }

  reportProgress(percent: number): void {
    this.#source.reportProgress(percent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
  }
}
