import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isObject, parseJson } from "@carrel/core/kit";
import { systemCode } from "./fs-error.ts";

/**
 * Who holds a lock, as written into the lock file.
 *
 * @private Does not follow semantic versioning.
 */
export interface LockOwner {
  readonly host: string;
  readonly pid: number;
  /** When that process started, in milliseconds since 1970, by its own clock. For messages; nothing is decided by it. */
  readonly processStartMs: number;
  /** Distinguishes this hold of the lock from all others, and is part of the names of its files. Eight hexadecimal digits. */
  readonly token: string;
  /** The kernel, the pid namespace, and the start of the process by the kernel's clock; absent if they are not known. */
  readonly kernel?: string;
  readonly namespace?: string;
  readonly startTicks?: string;
}

let self: Pick<LockOwner, "kernel" | "namespace" | "startTicks"> | undefined;

/** Identifies this process for others on the same kernel. Empty if that is not certain to be right. */
function thisProcess(): Pick<LockOwner, "kernel" | "namespace" | "startTicks"> {
  if (self !== undefined) return self;
  self = {};
  try {
    const pid = String(process.pid);
    const startTicks = startTicksOf("self");
    // Otherwise /proc is of another pid namespace, with other numbers.
    if (process.platform === "linux" && readlinkSync("/proc/self") === pid && startTicks !== undefined) {
      const kernel = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      self = { kernel, namespace: readlinkSync("/proc/self/ns/pid"), startTicks };
    }
  } catch {
    // These files do not exist, or this process may not read them.
  }
  return self;
}

/** Returns when a process started, by the kernel's clock; `undefined` if that cannot be read. */
function startTicksOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program comes before, in brackets, and may contain anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/**
 * Returns this process as the owner of a new lock.
 *
 * @private Does not follow semantic versioning.
 */
export function newOwner(): LockOwner {
  const processStartMs = Math.round(Date.now() - process.uptime() * 1_000);
  const token = randomBytes(4).toString("hex");
  return { host: hostname(), pid: process.pid, processStartMs, token, ...thisProcess() };
}

/**
 * Returns whether the owner of a lock is proved to be dead, so that it has no file open any more.
 *
 * @private Does not follow semantic versioning.
 */
export function isDead({ kernel, namespace, startTicks, pid }: LockOwner): boolean {
  const here = thisProcess();
  if (kernel === undefined || kernel !== here.kernel || namespace !== here.namespace) return false;
  if (!isRunning(pid)) return true;
  const now = startTicksOf(String(pid));
  return now !== undefined && startTicks !== undefined && now !== startTicks;
}

/** Returns whether a pid suggests that the owner is dead, on systems that do not tell boots and namespaces apart. Not a proof. */
export function isLikelyDead({ host, pid }: LockOwner): boolean {
  return thisProcess().kernel === undefined && host === hostname() && !isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}

/**
 * Reads an owner; `undefined` if the text has none, as in a lock that is still being written.
 *
 * @private Does not follow semantic versioning.
 */
export function parseOwner(text: string): LockOwner | undefined {
  const value = parseJson(text.slice(0, Math.max(0, text.indexOf("\n"))));
  if (!isObject(value)) return undefined;
  const { host, pid, processStartMs, token } = value as Readonly<Record<keyof LockOwner, unknown>>;
  const isComplete =
    typeof host === "string" &&
    /^[\w.:-]{1,255}$/u.test(host) &&
    Number.isSafeInteger(pid) &&
    (pid as number) > 0 &&
    typeof processStartMs === "number" &&
    typeof token === "string" &&
    /^[0-9a-f]{8}$/u.test(token);
  return isComplete ? (value as unknown as LockOwner) : undefined;
}

/** Returns a key that is the same for all locks of one process. */
export function processOf({ host, pid, processStartMs, kernel, namespace, startTicks }: LockOwner): string {
  return JSON.stringify([host, pid, kernel ?? processStartMs, namespace, startTicks]);
}

/**
 * Describes an owner, such as `pid 4711 on host, running since 2026-01-31T03:00:00.000Z`.
 *
 * @private Does not follow semantic versioning.
 */
export function describeOwner(owner: LockOwner | undefined): string {
  if (owner === undefined) return "an unknown process";
  const since = new Date(owner.processStartMs);
  const text = Number.isNaN(since.getTime()) ? "" : `, running since ${since.toISOString()}`;
  return `pid ${owner.pid} on ${owner.host}${text}`;
}
