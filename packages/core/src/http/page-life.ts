import { abortable } from "../kit/signals.ts";

/** Lets calls through, or holds them back until it is opened again. */
export interface Gate {
  /** Waits while the gate is closed. Rejects with `signal.reason` when aborted. */
  pass(signal: AbortSignal | undefined): Promise<void>;
  open(): void;
  close(): void;
}

/** Makes a gate, which is open. */
export function createGate(): Gate {
  let opening: PromiseWithResolvers<void> | undefined;
  return {
    async pass(signal) {
      if (opening !== undefined) await abortable(opening.promise, signal);
    },
    open() {
      opening?.resolve();
      opening = undefined;
    },
    close() {
      opening ??= Promise.withResolvers();
    },
  };
}

/** The events of a page; a platform without pages has none of them. */
type PageEvents = Partial<Pick<typeof globalThis, "addEventListener" | "removeEventListener">>;

/**
 * Calls back when the page is hidden for good, or frozen in the back/forward cache, and when it returns from there.
 * Returns a function that stops it.
 */
export function followPage(onHide: () => void, onShow: () => void): () => void {
  const page: PageEvents = globalThis;
  page.addEventListener?.("pagehide", onHide);
  page.addEventListener?.("pageshow", onShow);
  return () => {
    page.removeEventListener?.("pagehide", onHide);
    page.removeEventListener?.("pageshow", onShow);
  };
}
