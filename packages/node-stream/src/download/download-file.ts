import { IntegrityError } from "@carrel/core";
import type { VerifiedBy } from "@carrel/core";
import type { DigestAlgorithm } from "../files/digest-algorithm.ts";
import type { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import { quote } from "../files/safe-name.ts";
import { checkOva } from "../ovf/check-ova.ts";
import type { OvaFindings } from "../ovf/check-ova.ts";
import { ForeignAnswer } from "../transfer/foreign-answer.ts";
import type { FileReport } from "./download-report.ts";
import { Draft } from "./draft.ts";
import { assertReplaceable, existingFile } from "./existing-file.ts";
import { fetchBytes } from "./fetch-bytes.ts";
import type { Fetched } from "./fetch-bytes.ts";
import type { FileContext } from "./file-context.ts";
import type { SourceFile } from "./item-source.ts";
import { writeRecord } from "./resume-record.ts";
import { checksumDigest, verifyFile } from "./verify-file.ts";
import { workFiles } from "./work-files.ts";
import type { WorkFiles } from "./work-files.ts";

/** Brings one file under its final name, whole; or leaves what it got for a later run, and throws. */
export async function downloadFile(context: FileContext, file: SourceFile, lock: FileLock): Promise<FileReport> {
  // Left as soon as the bytes are there: another file is transferred while this one waits for the disk and the server.
  const leave = await context.concurrency.enter(context.signal);
  try {
    return await download(context, file, { lock, leave });
  } finally {
    leave();
  }
}

interface Holding {
  readonly lock: FileLock;
  readonly leave: () => void;
}

async function download(context: FileContext, file: SourceFile, holding: Holding): Promise<FileReport> {
  const { name } = file;
  const paths = workFiles(context.folder, name);
  const there = await existingFile(context, file, paths);
  if (there !== undefined) {
    context.ahead.skip(name);
    requireVerified(context, name, there.by);
    context.progress.set(name, there.sizeBytes);
    context.emit({ type: "skipped", file: name, by: there.by, sizeBytes: there.sizeBytes });
    return { name, path: paths.final, skipped: true, receivedBytes: 0, ...there };
  }
  await using draft = await Draft.open(context, file, paths);
  try {
    if (draft.part.bytes > 0) context.emit({ type: "resumed", file: name, fromByte: draft.part.bytes });
    return await finish(context, file, { ...holding, paths, draft });
  } catch (error) {
    // What answered in place of the file says nothing about the bytes that are there.
    if (error instanceof IntegrityError && !(error.cause instanceof ForeignAnswer)) await draft.discard();
    else await draft.keep();
    throw error;
  }
}

interface Work extends Holding {
  readonly paths: WorkFiles;
  readonly draft: Draft;
}

async function finish(
  context: FileContext,
  file: SourceFile,
  { paths, draft, lock, leave }: Work,
): Promise<FileReport> {
  const { name } = file;
  const { part } = draft;
  const fetched = draft.finishedBy === undefined ? await fetchBytes(context, file, { draft, leave }) : undefined;
  // On its way to the disk while the last bytes are hashed.
  const synced = part.sync();
  synced.catch(() => {});
  const hex = await draft.complete(context.signal);
  const { by, archive } = await judge(context, file, { draft, fetched });
  requireVerified(context, name, by);
  await synced;
  context.signal.throwIfAborted();
  await lock.assertHeld();
  const digest = { algorithm: draft.digest.algorithm, hex };
  await assertReplaceable(context, paths.final, { sizeBytes: part.bytes, digest });
  // A run that comes after this one was killed knows the file by that; or by its checksum, where that is told beforehand.
  if (checksumDigest(file.checksum) === undefined) {
    await writeRecord(paths.record, { ...draft.identity, bytes: part.bytes, digest, verifiedBy: by });
  }
  await onDisk("rename", paths.part, () => context.names.rename(paths.part, paths.final));
  context.emit({ type: "verified", file: name, by, sizeBytes: part.bytes });
  const receivedBytes = fetched?.receivedBytes ?? 0;
  const report = { name, path: paths.final, sizeBytes: part.bytes, by, digest, skipped: false, receivedBytes };
  return archive === undefined ? report : { ...report, archive };
}

async function judge(
  context: FileContext,
  { name }: SourceFile,
  { draft, fetched }: { readonly draft: Draft; readonly fetched: Fetched | undefined },
): Promise<{ readonly by: VerifiedBy; readonly archive?: OvaFindings }> {
  if (fetched === undefined) return { by: draft.finishedBy ?? "nothing" };
  const { part, digest } = draft;
  const { digests, manifest, signal } = context;
  const digestOf = async (algorithm: DigestAlgorithm, start: number, bytes: number): Promise<string> =>
    digests.digestOf(part.fd, algorithm, { start, bytes, signal });
  const by = await verifyFile({
    name,
    bytes: part.bytes,
    sizeBytes: fetched.facts.sizeBytes,
    checksum: fetched.facts.checksum,
    manifest: await manifest.digestFor(name),
    lengthStated: fetched.lengthStated,
    digestOf: async (algorithm) =>
      algorithm === digest.algorithm ? digest.at(part.bytes) : digestOf(algorithm, 0, part.bytes),
  });
  if (!/\.ova$/i.test(name)) return { by };
  const archive = await checkOva({ name, sizeBytes: part.bytes, read: part.read.bind(part), digestOf });
  if (archive === undefined) return { by };
  const isCovered = archive.matched.length > 0 && archive.unnamed.length === 0;
  return { by: isCovered && (by === "length" || by === "nothing") ? "manifest" : by, archive };
}

function requireVerified(context: FileContext, name: string, by: VerifiedBy): void {
  if (by !== "nothing" || context.options.requireVerified !== true) return;
  throw new IntegrityError(
    `${quote(name)} cannot be verified: the server tells neither its checksum nor its length, and no manifest names it. ` +
      "It did not get its final name.",
  );
}
