import { checkCallOptions } from "../wire/call.ts";
import type { CallOptions } from "../call-options.ts";
import { isGone, TransportError } from "../errors/call-errors.ts";
import { SessionLostError } from "../errors/session-errors.ts";
import { linked } from "../kit/signals.ts";
import type { DownloadLease, LeaseOptions } from "./download-lease.ts";
import { endpointCache, prepareFile } from "./prepare-file.ts";
import { endSession } from "./end-session.ts";
import type { LeaseEnd, LeaseSession, LeaseSnapshot } from "./lease-snapshot.ts";
import { transition } from "./machine.ts";
import type { LeaseEffect, LeaseEvent, LeaseState } from "./machine.ts";
import type { LeaseSettings } from "./lease-settings.ts";
import { askForSession, renewSession } from "./renew-session.ts";

interface Opened {
  readonly session: LeaseSession;
  readonly lifeMs: number;
  readonly sentAtMs: number;
}

const ends: Record<NonNullable<LeaseOptions["onClose"]>, LeaseEnd> = {
  delete: "deleted",
  cancel: "cancelled",
  keep: "kept",
};

/** Drives the machine of one lease: turns its effects into timers and calls, and their outcomes into events. */
export function createLease(settings: LeaseSettings, options: LeaseOptions, opened: Opened): DownloadLease {
  const { calls, clock, leases, schedule } = settings;
  const { id, itemId } = opened.session;
  const onClose = options.onClose ?? "delete";
  const over = new AbortController();
  const listeners = new Set<() => void>();
  let state: LeaseState = { phase: "opening" };
  let snapshot: LeaseSnapshot = Object.freeze({ phase: "opening" });
  let lossCause: SessionLostError | undefined;
  let cancelTimer: (() => void) | undefined;
  let disposal: Promise<void> | undefined;
  let isAbandoned = false;

  function dispatch(event: LeaseEvent): void {
    const inputs = { nowMs: clock.now(), random: Math.random(), renewAt: options.renewAt ?? 1 / 3 };
    const next = transition(state, event, inputs);
    const changed = next.state !== state;
    state = next.state;
    for (const effect of next.effects) run(effect);
    if (changed) publish();
  }

  function run(effect: LeaseEffect): void {
    switch (effect.type) {
      case "wait":
        cancelTimer?.();
        cancelTimer = schedule.after(effect.ms, () => dispatch({ type: "due" }));
        return;
      case "renew":
        void renewSession(settings, state, effect, over.signal).then(dispatch);
        return;
      case "ask":
        void askForSession(settings, state, effect, over.signal).then(dispatch);
        return;
      case "lose":
        lossCause = new SessionLostError(`Download session ${id} has ended: ${effect.cause.message}`, {
          cause: effect.cause,
        });
        stop(lossCause);
        return;
      case "end":
        stop(new SessionLostError(`The lease on download session ${id} was closed`, { problem: "closed" }));
        return;
      default:
        effect satisfies never;
    }
  }

  function stop(reason: SessionLostError): void {
    cancelTimer?.();
    over.abort(reason);
  }

  function publish(): void {
    const next = freezeSnapshot(state, lossCause, snapshot);
    if (next === snapshot) return;
    snapshot = next;
    for (const listener of listeners) listener();
  }

  async function dispose(): Promise<void> {
    dispatch({ type: "dispose", how: ends[onClose] });
    // Also after a loss, because a session that was cancelled or has failed remains on the server until it is deleted.
    if (onClose !== "keep" && !isAbandoned) await endSession(settings, id, onClose);
    leases.delete(registered);
  }

  function abandon(token: string): void {
    if (isAbandoned || disposal !== undefined) return;
    isAbandoned = true;
    // First the request: the page may have no time for more.
    if (onClose !== "keep") void calls.end(id, onClose, { token, retryLimit: 0 }).catch(() => {});
    dispatch({ type: "abandoned", cause: new TransportError("the page was hidden") });
  }

  function close(): Promise<void> {
    disposal ??= dispose();
    return disposal;
  }

  async function duringLease<T>(callOptions: CallOptions, work: (options: CallOptions) => Promise<T>): Promise<T> {
    checkCallOptions(callOptions);
    try {
      return await linked([callOptions.signal, over.signal], (signal) => work({ ...callOptions, signal }));
    } catch (error) {
      if (error instanceof SessionLostError || isGone(error)) renewNow();
      throw error;
    }
  }

  /** Renews at once, after a call whose answer says that the session has ended, to find out whether it has. */
  function renewNow(): void {
    cancelTimer?.();
    dispatch({ type: "due" });
  }

  async function* snapshots(): AsyncGenerator<LeaseSnapshot, void> {
    let shown: LeaseSnapshot | undefined;
    for (;;) {
      if (snapshot === shown) {
        const { promise, resolve } = Promise.withResolvers<void>();
        listeners.add(resolve);
        await promise;
        listeners.delete(resolve);
        continue;
      }
      shown = snapshot;
      if (shown.phase === "lost") throw shown.cause;
      yield shown;
      if (shown.phase === "ended") return;
    }
  }

  const prepare: DownloadLease["prepare"] = (fileName, prepareOptions = {}) =>
    duringLease(prepareOptions, (each) => prepareFile(settings, id, fileName, { ...prepareOptions, ...each }));

  const lease: DownloadLease = {
    id,
    itemId,
    origin: settings.origin,
    signal: over.signal,
    getSnapshot: () => snapshot,
    subscribe(onChange) {
      const listener = (): void => onChange();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.asyncIterator]: () => snapshots(),
    reportProgress: (percent) =>
      dispatch({ type: "progress", percent: Math.max(0, Math.min(100, Math.floor(percent))) }),
    files: (callOptions = {}) => duringLease(callOptions, (each) => calls.files(id, each)),
    file: (fileName, callOptions = {}) => duringLease(callOptions, (each) => calls.file(id, fileName, each)),
    itemFiles: (callOptions = {}) => duringLease(callOptions, (each) => calls.itemFiles(itemId, each)),
    prepare,
    endpoint: endpointCache(prepare),
    close,
    [Symbol.asyncDispose]: close,
  };
  const registered = { abandon, [Symbol.asyncDispose]: close };
  leases.add(registered);
  dispatch({ type: "opened", ...opened });
  return lease;
}

/** Returns the snapshot of a state, or the same snapshot as before where nothing in it has changed. */
function freezeSnapshot(state: LeaseState, loss: SessionLostError | undefined, before: LeaseSnapshot): LeaseSnapshot {
  const next = show(state, loss);
  return next && !same(next, before) ? Object.freeze(next) : before;
}

function show(state: LeaseState, loss: SessionLostError | undefined): LeaseSnapshot | undefined {
  switch (state.phase) {
    case "opening":
      return { phase: "opening" };
    case "active":
      return { phase: "active", session: Object.freeze(state.session), renewals: state.renewals };
    case "at-risk":
      return {
        phase: "at-risk",
        session: Object.freeze(state.session),
        renewals: state.renewals,
        missed: state.missed,
        cause: state.cause,
      };
    case "ended":
      return { phase: "ended", how: state.how };
    case "lost":
      return loss && { phase: "lost", cause: loss };
    default:
      return state satisfies never;
  }
}

function same(a: LeaseSnapshot, b: LeaseSnapshot): boolean {
  const left: Readonly<Record<string, unknown>> = a;
  const right: Readonly<Record<string, unknown>> = b;
  return (
    Object.keys(left).length === Object.keys(right).length &&
    Object.keys(left).every((name) => left[name] === right[name])
  );
}
