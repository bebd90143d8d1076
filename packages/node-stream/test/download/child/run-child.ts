import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { DownloadEvent } from "@carrel/core";
import type { DownloadItemOptions, DownloadReport } from "../../../src/index.ts";
import type { Desk } from "../desk.ts";

export type ChildLine =
  | Extract<DownloadEvent, { readonly type: "transferring" | "resumed" | "waiting" }>
  | ({ readonly type: "report" } & DownloadReport)
  | { readonly type: "failed"; readonly error: { readonly code: string; readonly message: string } };

/** A download in a process of its own. */
export interface Child {
  readonly process: ChildProcess;
  /** What it wrote, until it ended. */
  readonly lines: AsyncIterable<ChildLine>;
  /** Its exit code; null where it was killed. */
  readonly exit: Promise<number | null>;
}

const program = fileURLToPath(new URL("get.mjs", import.meta.url));

/** How a process differs from others. */
export interface Oddities {
  /** How far its clock is ahead of ours. */
  readonly clockShiftMs?: number;
  /** Stops itself once before a call of `node:fs/promises` with paths like these; two are joined by ` -> `. */
  readonly stopBefore?: { readonly call: "rename" | "unlink"; readonly path: string };
  /** How often it shows that it is alive, and how long it watches others. */
  readonly times?: { readonly beatMs: number; readonly staleMs: number };
}

/**
 * Starts it. `limits` are commands of a shell that come first, such as `ulimit -f 100`, and `prefix` is a command that runs
 * it, such as `unshare`.
 */
export function runChild(
  desk: Desk,
  options: DownloadItemOptions = {},
  limits: string = ":",
  { prefix = [], ...more }: Oddities & { readonly prefix?: readonly string[] } = {},
): Child {
  const { credentials, url } = desk.simulator;
  const job = JSON.stringify({
    ...credentials,
    endpoint: url.href,
    itemId: desk.item.id,
    folder: desk.folder.path,
    options,
    more,
  });
  const child = spawn("/bin/sh", ["-c", `${limits}; exec "$@"`, "sh", ...prefix, process.execPath, program, job], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "close").then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stdout });
  return { process: child, exit, lines: parsed(lines) };
}

async function* parsed(lines: AsyncIterable<string>): AsyncGenerator<ChildLine, void> {
  for await (const line of lines) yield JSON.parse(line) as ChildLine;
}
