import { availableParallelism } from "node:os";
import { DigestThread } from "@carrel/node-stream/fs";
import { runLimited } from "@carrel/node-stream/task";
import type { MirrorStep } from "../plan/compare.ts";
import { concernsOneItem } from "../errors.ts";
import type { MirrorEvent } from "../events.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import type { Comparison } from "../plan/plan.ts";
import type { RecordedFile } from "../record/record-text.ts";
import { sumOf } from "../record/record-text.ts";
import type { FailedItem } from "../report.ts";

/** How files are read. */
export interface VerifyOptions {
  readonly place: MirrorPlace;
  /** Files at once; never more than the machine can compute digests of. */
  readonly concurrency: number;
  readonly emit: (event: MirrorEvent) => void;
  readonly signal: AbortSignal;
}

interface Check {
  readonly step: MirrorStep;
  readonly file: RecordedFile;
  /** Name of the directory that it is in. */
  readonly directory: string;
  readonly path: string;
}

/**
 * Reads every file that should be in place, and compares it with the digest that it had when it arrived. What differs is
 * reported, and is missing in the comparison that is returned; an item with a file that cannot be read has failed.
 */
export async function verifyFiles(comparison: Comparison, options: VerifyOptions): Promise<Comparison> {
  const { place, emit } = options;
  const checks = comparison.steps.flatMap((step) => checksOf(place, step));
  const files = checks.length;
  const totalBytes = sumOf(checks.map(({ file }) => file));
  const differing: Check[] = [];
  const failed = new Map<string, FailedItem>();
  let readBytes = 0;
  const onProgress = (bytes: number): void => {
    readBytes += bytes;
    emit({ type: "verifying", files, readBytes, totalBytes });
  };
  onProgress(0);
  await onThreads(checks, options, async (check, digests, signal) => {
    const { step, file, directory, path } = check;
    const name = { item: step.item.name, itemId: step.item.id };
    try {
      if (await place.hasDigest(directory, file.name, file.digest, { digests, signal, onProgress })) return;
      differing.push(check);
      emit({ type: "differs", ...name, directory: step.directory, file: file.name, path, sizeBytes: file.sizeBytes });
    } catch (error) {
      signal.throwIfAborted();
      if (!concernsOneItem(error)) throw error;
      failed.set(step.item.id, { ...name, error });
    }
  });
  return {
    ...comparison,
    steps: comparison.steps.filter(({ item }) => !failed.has(item.id)).map((step) => withDiffering(step, differing)),
    failed: [...comparison.failed, ...failed.values()],
    verified: { files, bytes: totalBytes, differing: differing.length },
  };
}

/** Skips what a killed run left: its content is unknown, and nothing of it is trusted anyway. */
function checksOf(place: MirrorPlace, step: MirrorStep): readonly Check[] {
  const { before, currentDirectory, missing } = step;
  if (before === undefined || before.contentVersion === null || currentDirectory === undefined) return [];
  const files = before.files.filter(({ name, gone }) => !gone && !missing.includes(name));
  return files.map((file) => ({
    step,
    file,
    directory: currentDirectory,
    path: place.locationOf(currentDirectory, file.name),
  }));
}

function withDiffering(step: MirrorStep, differing: readonly Check[]): MirrorStep {
  const names = differing.filter((check) => check.step === step).map(({ file }) => file.name);
  if (names.length === 0) return step;
  const isIncomplete = step.action === "none" || step.action === "renamed";
  return { ...step, missing: [...step.missing, ...names], action: isIncomplete ? "incomplete" : step.action };
}

/** Works on checks, some at once, each with a thread of its own. */
async function onThreads(
  checks: readonly Check[],
  { concurrency, signal }: VerifyOptions,
  work: (check: Check, digests: DigestThread, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const limit = Math.min(concurrency, availableParallelism());
  const free = Array.from({ length: limit }, () => new DigestThread());
  const pieces = checks.map((check) => async (either: AbortSignal) => {
    const digests = free.pop() ?? new DigestThread();
    await work(check, digests, either).finally(() => free.push(digests));
  });
  try {
    await runLimited(pieces, { limit, signal });
  } finally {
    await Promise.all(free.map((digests) => digests[Symbol.asyncDispose]()));
  }
}
