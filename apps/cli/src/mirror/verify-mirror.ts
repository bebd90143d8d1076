import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DigestThread } from "@carrel/node-stream/fs";
import { atOnce } from "../run/at-once.ts";
import type { ItemFailure } from "../run/item-failures.ts";
import { printable } from "../output/printable.ts";
import type { Screen } from "../output/screen.ts";
import type { MirrorStep } from "./compare-item.ts";
import { hasDigest } from "./local-files.ts";
import type { MirrorReportOptions } from "./mirror-report.ts";
import type { MirroredFile } from "./mirrored-item.ts";
import type { MirrorPlan } from "./plan-mirror.ts";
import { showReading } from "./show-reading.ts";

/** How files are read. */
export interface VerifyOptions extends MirrorReportOptions {
  readonly root: string;
  readonly screen: Screen;
  /** Files at once; never more than the machine can compute digests of. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

interface Check {
  readonly step: MirrorStep;
  readonly file: MirroredFile;
  readonly path: string;
}

/**
 * Reads every file that should be in place, and compares it with the digest that it had when it came. What differs is told,
 * and is among what is missing in the plan that is returned; an item with a file that cannot be read has failed.
 */
export async function verifyMirror(plan: MirrorPlan, options: VerifyOptions): Promise<MirrorPlan> {
  const { root, screen, json, signal } = options;
  const checks = plan.steps.flatMap((step) => checksOf(root, step));
  const differing: Check[] = [];
  const failures = new Map<string, ItemFailure>();
  {
    using reading = showReading(
      screen,
      checks.map(({ file }) => file),
      options,
    );
    await onThreads(checks, options.concurrency, async (check, digests) => {
      const { step, file, path } = check;
      signal.throwIfAborted();
      try {
        const isSame = await hasDigest(path, file.digest, { digests, signal, onBegin: reading.begin });
        if (isSame) return;
        differing.push(check);
        tellDifference(screen, check, json);
      } catch (error) {
        signal.throwIfAborted();
        failures.set(step.item.id, { ...step.item, error });
      }
    });
  }
  const bytes = checks.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  return {
    ...plan,
    steps: plan.steps.filter(({ item }) => !failures.has(item.id)).map((step) => withDiffering(step, differing)),
    failures: [...plan.failures, ...failures.values()],
    verified: { files: checks.length, bytes, differing: differing.length },
  };
}

/** Where a run was killed, it is not known what is there: nothing of it is trusted anyway. */
function checksOf(root: string, step: MirrorStep): readonly Check[] {
  const { before, place, missing } = step;
  if (before === undefined || before.contentVersion === null || place === undefined) return [];
  const files = before.files.filter(({ name, gone }) => !gone && !missing.includes(name));
  return files.map((file) => ({ step, file, path: join(root, place, file.name) }));
}

function withDiffering(step: MirrorStep, differing: readonly Check[]): MirrorStep {
  const names = differing.filter((check) => check.step === step).map(({ file }) => file.name);
  if (names.length === 0) return step;
  const isIncomplete = step.action === "none" || step.action === "renamed";
  return { ...step, missing: [...step.missing, ...names], action: isIncomplete ? "incomplete" : step.action };
}

function tellDifference(screen: Screen, { step: { item, folder }, file, path }: Check, json: boolean): void {
  const { id: itemId, name } = item;
  const { name: fileName, sizeBytes } = file;
  if (json) screen.printJson({ type: "differs", item: name, itemId, folder, file: fileName, sizeBytes });
  screen.note(printable(`carrel: "${name}": ${path} is not what mirror put there: its content was modified locally`));
}

/** Works on values, some at once, each on a thread of its own. */
async function onThreads<T>(
  values: readonly T[],
  limit: number,
  work: (value: T, digests: DigestThread) => Promise<void>,
): Promise<void> {
  const count = Math.min(limit, availableParallelism());
  const free = Array.from({ length: count }, () => new DigestThread());
  try {
    await atOnce(values, count, async (value) => {
      const digests = free.pop() ?? new DigestThread();
      await work(value, digests).finally(() => free.push(digests));
    });
  } finally {
    await Promise.all(free.map((digests) => digests[Symbol.asyncDispose]()));
  }
}
