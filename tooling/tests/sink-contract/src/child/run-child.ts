import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Recipe } from "../place.ts";

/** What a process does with a file of the place. */
export interface ChildJob {
  readonly recipe: Recipe;
  readonly name: string;
  readonly contentVersion: string;
  /** The whole file. */
  readonly sizeBytes: number;
  /** Up to where it is written. */
  readonly stopAt: number;
  /** What then: trickle bytes until it is killed, give the file its name, or close it for a later run. */
  readonly ending: "trickle" | "publish" | "keep";
}

/** What it reports. */
export type ChildLine =
  | { readonly at: number }
  | { readonly resumedAt: number }
  | { readonly published: string }
  | { readonly kept: number }
  | { readonly failed: string };

/** A process that writes. */
export interface Child {
  readonly process: ChildProcess;
  /** What it reported so far. */
  readonly lines: readonly ChildLine[];
  /** Waits for a line; `undefined` if it ends before. */
  until(is: (line: ChildLine) => boolean): Promise<ChildLine | undefined>;
  /** Its end, and everything that it reported. */
  readonly end: Promise<readonly ChildLine[]>;
}

const program = fileURLToPath(new URL("write.ts", import.meta.url));

/** Starts a process that writes a file. `limits` are commands of a shell that come first. */
export function runChild(job: ChildJob, limits: string = ":"): Child {
  const child = spawn("/bin/sh", ["-c", `${limits}; exec "$@"`, "sh", process.execPath, program, JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: ChildLine[] = [];
  const waiting = new Set<() => void>();
  let isOver = false;
  const wake = (): void => {
    for (const each of waiting) each();
    waiting.clear();
  };
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(JSON.parse(text) as ChildLine);
    wake();
  });
  const end = once(child, "close").then(() => {
    isOver = true;
    wake();
    return lines;
  });
  return {
    process: child,
    lines,
    end,
    async until(is) {
      for (;;) {
        const found = lines.find(is);
        if (found !== undefined || isOver) return found;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}
