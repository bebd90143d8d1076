import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { systemCode } from "./fs-error.ts";

/** Who holds a lock, as written into the lock file. */
export interface LockOwner {
  readonly host: string;
  readonly pid: number;
  /** When that process started, in milliseconds since 1970, by its own clock. For people; nothing is decided by it. */
  readonly processStartMs: number;
  /** Tells this holding of the lock from any other, and names the files that belong to it. Eight hexadecimal digits. */
  readonly token: string;
  /** The kernel, the pid namespace and the start of the process by the kernel's clock; absent where they are not known. */
  readonly kernel?: string;
  readonly namespace?: string;
  readonly startTicks?: string;
}

let self: Pick<LockOwner, "kernel" | "namespace" | "startTicks"> | undefined;

/** What identifies this process for others on the same kernel. Empty where that is not sure to be right. */
function thisProcess(): Pick<LockOwner, "kernel" | "namespace" | "startTicks"> {
  if (self !== undefined) return self;
  self = {};
  try {
    const pid = String(process.pid);
    const startTicks = startTicksOf("self");
    // Otherwise /proc is that of another pid namespace, and its numbers are not ours.
    if (process.platform === "linux" && readlinkSync("/proc/self") === pid && startTicks !== undefined) {
      const kernel = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      self = { kernel, namespace: readlinkSync("/proc/self/ns/pid"), startTicks };
    }
  } catch {
    // No such files, or not for us.
  }
  return self;
}

/** When a process started, by the kernel's clock; `undefined` where that is not to be seen. */
function startTicksOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program comes before, in brackets, and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** This process as the owner of a new lock. */
export function newOwner(): LockOwner {
  const processStartMs = Math.round(Date.now() - process.uptime() * 1_000);
  const token = randomBytes(4).toString("hex");
  return { host: hostname(), pid: process.pid, processStartMs, token, ...thisProcess() };
}

/** Whether the owner of a lock is proved to be dead: nothing of it can be open any more. */
export function isDead({ kernel, namespace, startTicks, pid }: LockOwner): boolean {
  const here = thisProcess();
  if (kernel === undefined || kernel !== here.kernel || namespace !== here.namespace) return false;
  if (!isRunning(pid)) return true;
  const now = startTicksOf(String(pid));
  return now !== undefined && startTicks !== undefined && now !== startTicks;
}

/** Whether a pid speaks for that, on systems that do not tell boots and namespaces apart; no proof. */
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

/** Reads an owner; `undefined` where the text has none, as in a lock that was cut off while it was written. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    const value = JSON.parse(text.slice(0, Math.max(0, text.indexOf("\n")))) as Partial<LockOwner> | null;
    if (typeof value?.host !== "string" || !/^[\w.:-]{1,255}$/.test(value.host)) return undefined;
    if (!Number.isSafeInteger(value.pid) || (value.pid ?? 0) <= 0) return undefined;
    if (typeof value.processStartMs !== "number") return undefined;
    if (typeof value.token !== "string" || !/^[0-9a-f]{8}$/.test(value.token)) return undefined;
    return value as LockOwner;
  } catch {
    return undefined;
  }
}

/** The same for all locks of one process. */
export function processOf({ host, pid, processStartMs, kernel, namespace, startTicks }: LockOwner): string {
  return JSON.stringify([host, pid, kernel ?? processStartMs, namespace, startTicks]);
}

/** Such as `pid 4711 on host, running since 2026-01-31T03:00:00.000Z`. */
export function describeOwner(owner: LockOwner | undefined): string {
  if (owner === undefined) return "an unknown process";
  const since = new Date(owner.processStartMs);
  const text = Number.isNaN(since.getTime()) ? "" : `, running since ${since.toISOString()}`;
  return `pid ${owner.pid} on ${owner.host}${text}`;
}
