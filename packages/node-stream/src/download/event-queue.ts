import type { DownloadEvent } from "@carrel/core";

/**
 * Events on their way to whoever iterates. Nobody has to: progress of a file that was not fetched yet is replaced by
 * the newer one, so the queue stays as short as the number of files allows.
 */
export class EventQueue {
  #events: DownloadEvent[] = [];
  #end: { readonly error?: unknown } | undefined;
  #changed: PromiseWithResolvers<void> | undefined;

  push(event: DownloadEvent): void {
    if (this.#end !== undefined) return;
    const last = this.#events.findLastIndex((queued) => supersedes(event, queued));
    if (last >= 0) this.#events.splice(last, 1);
    this.#events.push(event);
    this.#wake();
  }

  /** No more events; with an error the iterator throws it after the last one. */
  end(outcome: { readonly error?: unknown } = {}): void {
    this.#end ??= outcome;
    this.#wake();
  }

  async next(): Promise<IteratorResult<DownloadEvent, undefined>> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return { done: false, value: event };
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

function supersedes(event: DownloadEvent, queued: DownloadEvent): boolean {
  if (event.type !== queued.type) return false;
  if (event.type === "session") return true;
  return (event.type === "transferring" || event.type === "preparing") && event.file === (queued as typeof event).file;
}
