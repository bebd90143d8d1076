import { LinkedAbort } from "../kit/signals.ts";

/**
 * Running work: its events and its outcome.
 *
 * @private Does not follow semantic versioning.
 */
export interface Task<Event, Report> extends AsyncIterable<Event, undefined>, AsyncDisposable {
  readonly report: Promise<Report>;
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The work of a task.
 *
 * @private Does not follow semantic versioning.
 */
export interface TaskWork<Event, Report> {
  /** Names the work in messages, such as `download`. */
  readonly noun: string;
  /** Aborts the work. */
  readonly signal: AbortSignal | undefined;
  readonly run: (emit: (event: Event) => void, signal: AbortSignal) => Promise<Report>;
  /** Returns whether an event replaces an earlier one that was not fetched yet. */
  readonly supersedes: (event: Event, queued: Event) => boolean;
}

/**
 * Starts work at once. Disposal aborts it and waits for its end; nothing has to be consumed.
 *
 * @private Does not follow semantic versioning.
 */
export function startTask<Event, Report>({
  noun,
  signal,
  run,
  supersedes,
}: TaskWork<Event, Report>): Task<Event, Report> {
  const events = new EventQueue<Event>(supersedes);
  const abort = new LinkedAbort(signal);
  const report = run(events.push.bind(events), abort.signal);
  const settled = report
    .finally(() => abort[Symbol.dispose]())
    .then(
      () => events.end(),
      (error: unknown) => events.end({ error }),
    );
  const stop = async (): Promise<void> => {
    abort.abort(new DOMException(`The ${noun} was closed`, "AbortError"));
    await settled;
  };
  return new RunningTask({ noun, report, events, stop });
}

interface TaskParts<Event, Report> {
  readonly noun: string;
  readonly report: Promise<Report>;
  readonly events: EventQueue<Event>;
  readonly stop: () => Promise<void>;
}

class RunningTask<Event, Report> implements Task<Event, Report> {
  readonly report: Promise<Report>;
  readonly #noun: string;
  readonly #events: EventQueue<Event>;
  readonly #stop: () => Promise<void>;
  #iterated = false;

  constructor({ noun, report, events, stop }: TaskParts<Event, Report>) {
    this.report = report;
    this.#noun = noun;
    this.#events = events;
    this.#stop = stop;
  }

  [Symbol.asyncIterator](): AsyncIterator<Event, undefined> {
    if (this.#iterated) throw new TypeError(`The events of a ${this.#noun} can be iterated only once`);
    this.#iterated = true;
    return {
      next: () => this.#events.next(),
      return: async () => {
        await this.#stop();
        return { done: true, value: undefined };
      },
    };
  }

  async close(): Promise<void> {
    await this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Events that wait for the consumer. They need not be consumed: one that was not fetched yet is replaced by a newer one that
 * supersedes it, so the queue stays as short as the number of files allows.
 */
class EventQueue<Event> {
  readonly #supersedes: (event: Event, queued: Event) => boolean;
  #events: Event[] = [];
  #end: { readonly error?: unknown } | undefined;
  #changed: PromiseWithResolvers<void> | undefined;

  constructor(supersedes: (event: Event, queued: Event) => boolean) {
    this.#supersedes = supersedes;
  }

  push(event: Event): void {
    if (this.#end !== undefined) return;
    const last = this.#events.findLastIndex((queued) => this.#supersedes(event, queued));
    if (last >= 0) this.#events.splice(last, 1);
    this.#events.push(event);
    this.#wake();
  }

  /** Ends the events. The iterator throws an error after the last of them. */
  end(outcome: { readonly error?: unknown } = {}): void {
    this.#end ??= outcome;
    this.#wake();
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    for (;;) {
      if (this.#events.length > 0) return { done: false, value: this.#events.shift() as Event };
      if (this.#end !== undefined) {
        const end = this.#end;
        this.#end = {};
        if ("error" in end) throw end.error;
        return { done: true, value: undefined };
      }
      this.#changed ??= Promise.withResolvers();
      await this.#changed.promise;
    }
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
