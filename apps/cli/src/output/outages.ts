import { getSystemErrorMap } from "node:util";
import { systemClock } from "@carrel/core";
import type { CarrelErrorJson, Clock, DownloadEvent, NextAttempt } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { formatBytes, formatCount, formatDuration, formatPart, formatWait } from "./format.ts";
import { printable } from "./printable.ts";
import type { Screen } from "./screen.ts";

/** Bytes that are not lost by an outage. */
export interface KeptBytes {
  readonly receivedBytes: number;
  readonly totalBytes?: number | undefined;
}

/** Options of {@link Outages}. */
export interface OutagesOptions {
  /** Origin of the vCenter. */
  readonly server: string;
  /** Writes a line about an outage. */
  readonly say: (line: string) => void;
  /** Writes a line about an interruption that ended at once, which only a log shows. */
  readonly log?: (line: string) => void;
  /** Writes the same for programs. */
  readonly emit?: (event: OutageEvent) => void;
  readonly clock?: Clock;
}

/** Outages for programs. */
export type OutageEvent =
  | ({
      readonly type: "outage";
      /** Host that does not answer. */
      readonly server: string;
      readonly reason: string;
      readonly keptBytes?: number;
      readonly totalBytes?: number;
    } & Pick<NextAttempt, "leftMs" | "systemCode" | "status">)
  | { readonly type: "recovered"; readonly server: string; readonly durationMs: number };

/** What an attempt failed with, and when the next one takes place. */
export type FailedAttempt = { readonly cause: CarrelErrorJson } & Partial<NextAttempt>;

interface Outage {
  readonly sinceMs: number;
  readonly server: string;
  /** Whether it was reported. A connection that breaks and is made again at once is not worth a line at a terminal. */
  isSaid: boolean;
  /** Whether a call got no answer, and not transfers alone. */
  isOfCall: boolean;
  /** The message of the first failure. */
  readonly message: string;
  /** Bytes that interrupted files had, by name. */
  readonly files: Map<string, number>;
}

/**
 * Says once for each outage that the server does not answer, for how long it is asked again, and what is kept; and once that it
 * answers again. However many files are interrupted, it is one outage.
 */
export class Outages {
  /** Returns what is kept while the server is away; `undefined` before anything is known. */
  kept: () => KeptBytes | undefined = () => undefined;
  readonly #options: OutagesOptions;
  readonly #clock: Clock;
  #outage: Outage | undefined;

  constructor(options: OutagesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Takes in an event of the download of an item. */
  event(item: string, event: DownloadEvent): void {
    if (event.type === "retrying") return this.failed(event);
    if (event.type === "resumed" && event.cause !== undefined) {
      return this.#interrupted(`${item}/${event.file}`, { ...event, cause: event.cause });
    }
    if (isAnswer(event)) this.callAnswered();
    if (!("file" in event) || event.file === undefined) return;
    const name = `${item}/${event.file}`;
    const atByte = this.#outage?.files.get(name);
    if (atByte !== undefined && isProgress(event, atByte)) this.#over();
    else if (event.type === "failed") this.#outage?.files.delete(name);
  }

  /** A call got no answer, after the client has repeated it, and is made again. */
  failed(attempt: FailedAttempt): void {
    const outage = this.#begin(attempt);
    outage.isOfCall = true;
    this.#say(outage, attempt);
  }

  /** A call was answered. That says nothing of transfers, which may come from another host. */
  callAnswered(): void {
    if (this.#outage?.isOfCall === true) this.#over();
  }

  #over(): void {
    const outage = this.#outage;
    this.#outage = undefined;
    if (outage === undefined) return;
    const { emit, log, say } = this.#options;
    const { files, isSaid, message, server, sinceMs } = outage;
    const durationMs = Math.round(this.#clock.now() - sinceMs);
    if (isSaid) {
      say(printable(`${server} answers again after ${formatDuration(durationMs)}`));
      emit?.({ type: "recovered", server, durationMs });
    } else if (files.size > 0) {
      const [[name, atByte] = ["", 0], ...others] = files;
      const one = `"${name}" was interrupted, and continues at ${formatBytes(atByte)}`;
      const what = others.length === 0 ? one : `${formatCount(files.size, "file")} were interrupted, and continue`;
      log?.(printable(`${what}: ${message}`));
    }
  }

  #interrupted(name: string, attempt: FailedAttempt & { readonly fromByte: number }): void {
    const outage = this.#begin(attempt);
    outage.files.set(name, attempt.fromByte);
    // The first attempt after a broken connection usually succeeds. Silence has lasted for long already.
    const { cause, failures = 0 } = attempt;
    if (isOutage(cause) && (failures > 1 || cause.problem === "stalled")) this.#say(outage, attempt);
  }

  #begin(attempt: FailedAttempt): Outage {
    this.#outage ??= {
      sinceMs: this.#clock.now(),
      server: hostOf(attempt.origin ?? this.#options.server),
      isSaid: false,
      isOfCall: false,
      message: attempt.cause.message,
      files: new Map(),
    };
    return this.#outage;
  }

  #say(outage: Outage, attempt: FailedAttempt): void {
    if (outage.isSaid) return;
    outage.isSaid = true;
    const { emit, say } = this.#options;
    const { leftMs, systemCode, status } = attempt;
    const { server } = outage;
    const reason = reasonOf(attempt);
    const bytes = this.kept();
    const how = status === undefined ? "does not answer" : "is out of order";
    const time = leftMs === undefined ? "trying again" : `trying again for ${formatWait(leftMs)} more`;
    const what = bytes === undefined || bytes.receivedBytes === 0 ? "" : ` ${formatPart(bytes)} are kept.`;
    say(printable(`${server} ${how} (${reason}); ${time}.${what}`));
    emit?.({
      type: "outage",
      server,
      reason,
      ...defined({ keptBytes: bytes?.receivedBytes, totalBytes: bytes?.totalBytes, leftMs, systemCode, status }),
    });
  }
}

/** Returns what reports outages of a server on a screen: lines, and events with `json`. */
export function showOutages(
  screen: Screen,
  { server, json, clock }: { readonly server: string; readonly json: boolean; readonly clock: Clock | undefined },
): Outages {
  return new Outages({
    server,
    say: (line) => screen.remark(line),
    ...(!json && screen.hasProgressLines && { log: (line: string) => screen.reportProgress(line) }),
    ...(json && { emit: (event: OutageEvent) => screen.printJson(event) }),
    ...defined({ clock }),
  });
}

/** Whether an event of a download follows from the answer to a call. */
function isAnswer({ type }: DownloadEvent): boolean {
  return type === "session" || type === "plan" || type === "preparing" || type === "finished" || type === "skipped";
}

function isProgress(event: DownloadEvent, atByte: number): boolean {
  return event.type === "finished" || (event.type === "transferring" && event.receivedBytes > atByte);
}

/** Whether it passes with time: not where the server answered that a file is gone, say. */
function isOutage({ code, problem = "" }: CarrelErrorJson): boolean {
  if (code === "TRANSFER") return ["broken", "stalled", "busy"].includes(problem);
  return code === "TRANSPORT" || code === "TIMEOUT" || code === "BUSY";
}

function hostOf(origin: string): string {
  return URL.parse(origin)?.host ?? origin;
}

const otherReasons: Readonly<Record<string, string>> = {
  ECONNRESET: "connection reset",
  ENOTFOUND: "name not found",
  EAI_AGAIN: "name not found",
  ETIMEDOUT: "timed out",
};

/** Says in a few words why there was no answer. */
function reasonOf({ cause, status, systemCode }: FailedAttempt): string {
  if (status !== undefined) return `HTTP ${status}`;
  if (systemCode !== undefined) {
    const known = [...getSystemErrorMap().values()].find(([name]) => name === systemCode)?.[1];
    return otherReasons[systemCode] ?? known ?? systemCode;
  }
  if (cause.problem === "stalled") return "no data";
  if (cause.code === "TIMEOUT") return "no answer in time";
  return cause.code === "BUSY" || cause.problem === "busy" ? "busy" : "connection closed";
}
