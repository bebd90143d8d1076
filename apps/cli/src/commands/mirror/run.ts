import { join, resolve } from "node:path";
import { DigestThread, FileLock, makeFolder, onDisk } from "@carrel/node-stream/fs";
import type { LockWait } from "@carrel/node-stream/fs";
import { CliError, usageError } from "../../process/cli-error.ts";
import { exitCodes } from "../../process/exit-code.ts";
import type { ExitCode } from "../../process/exit-code.ts";
import { readTransferSettings } from "../../settings/transfer-settings.ts";
import { bringUpToDate } from "../../mirror/bring-up-to-date.ts";
import { dryRunMirror } from "../../mirror/dry-run-mirror.ts";
import { compareLibrary } from "../../mirror/compare-library.ts";
import { ManifestFile } from "../../mirror/manifest-file.ts";
import { lockName } from "../../mirror/mirror-paths.ts";
import { createMirrorReport } from "../../mirror/mirror-report.ts";
import { parsePath } from "../../names/parse-target.ts";
import { resolveLibrary } from "../../names/resolve-name.ts";
import { Count } from "../../output/count.ts";
import type { MirrorPlan } from "../../mirror/plan-mirror.ts";
import { verifyMirror } from "../../mirror/verify-mirror.ts";
import { printable } from "../../output/printable.ts";
import { showStatus } from "../../output/show-status.ts";
import { openConnection } from "../../connection/connect.ts";
import type { Run } from "../../run/run-command.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import type { TransferFlags } from "../../settings/transfer-options.ts";

/** Flags of `carrel mirror`. */
export interface MirrorFlags extends ConnectionFlags, TransferFlags {
  readonly delete?: boolean;
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** `carrel mirror`. */
export async function runMirror(wanted: string, folder: string, flags: MirrorFlags, run: Run): Promise<ExitCode> {
  const { screen, signal } = run;
  const transfer = readTransferSettings(flags);
  const options = { json: flags.json ?? false, quiet: flags.quiet ?? false, delete: flags.delete ?? false };
  const root = resolve(folder);
  const report = createMirrorReport(screen, options);
  await using connection = await openConnection(flags, run);
  const { client } = connection;
  const library = await resolveLibrary(client, readLibrary(wanted), signal);
  const compare = async (mirrored: ManifestFile["items"]): Promise<MirrorPlan> => {
    const plan = await look(mirrored);
    const { files: concurrency } = transfer.concurrency;
    return flags.verify ? await verifyMirror(plan, { ...options, root, screen, concurrency, signal }) : plan;
  };
  const look = async (mirrored: ManifestFile["items"]): Promise<MirrorPlan> => {
    const count = new Count("item");
    using _ = options.quiet || options.json ? undefined : showStatus(screen, () => count.text);
    return await compareLibrary(client, library, root, mirrored, { ...options, signal, count });
  };
  if (flags.dryRun) {
    const { items } = await ManifestFile.open(root, library);
    return await dryRunMirror(await compare(items), { ...options, client, root, screen, signal });
  }

  await makeFolder(root);
  await using lock = await lockMirror(root, run);
  const held = { lock, signal: AbortSignal.any([signal, lock.signal]) };
  await using digests = new DigestThread();
  const manifest = await ManifestFile.open(root, library, lock);
  await manifest.removeDrafts();
  const plan = await compare(manifest.items);
  const mirror = { connection, root, digests, manifest, transfer, ...held };
  await bringUpToDate(mirror, plan, { ...options, report, screen });
  return report.end();
}

function lockMirror(root: string, run: Run): Promise<FileLock> {
  const path = join(root, lockName);
  const inUse = (holder: string): CliError =>
    new CliError(`Another carrel mirror is running in ${printable(root)} (${holder})`, {
      exitCode: exitCodes.failed,
      hints: [`Wait for it to end, or choose another directory. Its lock is ${printable(path)}`],
    });
  const onWait = ({ holder, leftMs }: LockWait): void =>
    run.warn(
      `The mirror is locked by ${holder}, which shows no sign of life: waiting up to ${Math.ceil(leftMs / 1_000)} s for one`,
    );
  return onDisk("lock", path, () => FileLock.acquire(path, inUse, { signal: run.signal, onWait }));
}

function readLibrary(text: string): string {
  const { library, item } = parsePath(text);
  if (library !== undefined && item === undefined) return library;
  throw usageError(`"${text}" is not a library`, "Only whole libraries are mirrored: carrel mirror LIBRARY DIR");
}
