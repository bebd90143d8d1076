import type { DownloadSession } from "../state/download-sessions.ts";
import type { Item } from "../state/library-store.ts";
import type { World } from "../state/world.ts";
import type { HttpExchange } from "../http/http-exchange.ts";
import type { Fault, FaultKind } from "../model/fault.ts";
import type { ActiveFault, Occasion } from "../state/fault-plan.ts";

/** The session and the item that an exchange is about. */
export interface Subject {
  readonly session: DownloadSession | undefined;
  readonly item: Item | undefined;
}

/** Finds what an operation is about in its parameters, which need not be checked yet. */
export function subjectOf(parameters: Readonly<Record<string, unknown>>, world: World): Subject {
  const { download_session_id: sessionId, library_item_id: itemId } = parameters;
  const session = typeof sessionId === "string" ? world.downloadSessions.find(sessionId) : undefined;
  const id = session?.itemId ?? (typeof itemId === "string" ? itemId : undefined);
  return { session, item: id === undefined ? undefined : world.store.items.get(id) };
}

type OfKind<Kind extends FaultKind["kind"]> = Extract<Fault, { readonly kind: Kind }>;

/** The faults of one exchange. */
export interface ActiveFaults {
  /** Faults without a position, in order. */
  readonly whole: readonly ActiveFault[];
  /** Takes the faults whose position is in the bytes from `start` to `end` (excluded). */
  takeWithin(start: number, end: number): readonly ActiveFault[];
  /** Returns the first fault of a kind and records that it took effect. */
  fire<Kind extends FaultKind["kind"]>(kind: Kind): OfKind<Kind> | undefined;
}

/** Takes the faults of an exchange from the plan. */
export function takeFaults(exchange: HttpExchange, occasion: Occasion, subject: Subject, world: World): ActiveFaults {
  const whole = world.faults
    .take(occasion, (fault) => !hasPosition(fault) && isAbout(fault, subject))
    .map((active) => recordedIn(exchange, active));
  return {
    whole,
    takeWithin: (start, end) =>
      world.faults
        .take(occasion, (fault) => hasPosition(fault) && fault.atByte >= start && fault.atByte < end)
        .map((active) => recordedIn(exchange, active)),
    fire<Kind extends FaultKind["kind"]>(kind: Kind) {
      const found = whole.find((active) => active.fault.kind === kind);
      found?.fire();
      return found?.fault as OfKind<Kind> | undefined;
    },
  };
}

/** Whether a fault has a position in the body. */
function hasPosition(fault: Fault): fault is Fault & { readonly atByte: number } {
  return "atByte" in fault && fault.atByte !== undefined;
}

function isAbout(fault: Fault, { session, item }: Subject): boolean {
  if (fault.kind === "expireSession" && fault.session !== "api") return session !== undefined;
  if (fault.kind === "renameFile" || fault.kind === "changeContent") return item?.files.has(fault.file) ?? false;
  return true;
}

/** Adds the fault to the journal when it takes effect. */
function recordedIn(exchange: HttpExchange, active: ActiveFault): ActiveFault {
  return {
    fault: active.fault,
    fire: () => {
      active.fire();
      exchange.record.update({ faults: [...exchange.record.current.faults, active.fault.kind] });
    },
  };
}
