import { open } from "node:fs/promises";
import { TransferError } from "@carrel/core";
import type { VerifiedBy } from "@carrel/core";
import type { Digest, DigestAlgorithm } from "../files/digest-algorithm.ts";
import { onDisk, systemCode } from "../files/fs-error.ts";
import { kindOf } from "../files/look-at.ts";
import { readAtOnce } from "../files/read-at-once.ts";
import { quote } from "../files/safe-name.ts";
import { identityOf } from "./draft.ts";
import type { FileContext } from "./file-context.ts";
import type { SourceFile } from "./item-source.ts";
import { obstacle } from "./obstacles.ts";
import { isSameContent, readRecord } from "./resume-record.ts";
import { checksumDigest } from "./verify-file.ts";
import type { WorkFiles } from "./work-files.ts";

/** A file that was there already, and how it is known to be the right one. */
export interface ExistingFile {
  readonly sizeBytes: number;
  readonly by: VerifiedBy;
  readonly digest: Digest;
}

/**
 * Looks at what is under the final name: `undefined` where there is nothing, it is to be replaced, or the server tells
 * nothing to know it by, so that it has to be fetched again and compared.
 *
 * @throws {@link TransferError} `TRANSFER`: there is a file that is not known to be the right one.
 */
export async function existingFile(
  context: FileContext,
  file: SourceFile,
  paths: WorkFiles,
): Promise<ExistingFile | undefined> {
  if (context.options.existing === "overwrite") return undefined;
  const handle = await openExisting(paths.final);
  if (handle === undefined) return undefined;
  await using there = handle;
  const { size: sizeBytes } = await there.stat();
  const seen = new Map<DigestAlgorithm, string>();
  const has = async ({ algorithm, hex }: Digest): Promise<boolean> => {
    if (!seen.has(algorithm))
      seen.set(
        algorithm,
        await context.digests.digestOf(there.fd, algorithm, { bytes: sizeBytes, signal: context.signal }),
      );
    return seen.get(algorithm) === hex;
  };
  const record = await readRecord(paths.record);
  if (
    record?.verifiedBy !== undefined &&
    isSameContent(record, identityOf(context, file)) &&
    (await has(record.digest))
  ) {
    return { sizeBytes, by: record.verifiedBy, digest: record.digest };
  }
  const manifest = await context.manifest.digestFor(file.name);
  const checksum = checksumDigest(file.checksum);
  const known = checksum ?? manifest;
  if (known === undefined) {
    if (file.sizeBytes === undefined || file.sizeBytes === sizeBytes) return undefined;
    throw inTheWay(paths.final, `already, of ${sizeBytes} bytes, and the one on the server has ${file.sizeBytes}`);
  }
  if (!(await has(known)) || (manifest !== undefined && !(await has(manifest)))) {
    throw inTheWay(paths.final, "already, and it is not the one on the server");
  }
  return { sizeBytes, by: checksum === undefined ? "manifest" : "checksum", digest: known };
}

/** Refuses to begin where a file is under the final name. */
export async function assertAbsent(path: string): Promise<void> {
  const handle = await openExisting(path);
  await handle?.close();
  if (handle !== undefined) throw inTheWay(path, "already, and files that exist were to be an error");
}

/** Refuses to replace a file that came in the way, unless it is the same as the new one. */
export async function assertReplaceable(
  context: FileContext,
  path: string,
  wanted: Pick<ExistingFile, "sizeBytes" | "digest">,
): Promise<void> {
  if (context.options.existing === "overwrite") return;
  if (context.options.existing === "error") return assertAbsent(path);
  const handle = await openExisting(path);
  if (handle === undefined) return;
  await using there = handle;
  const { size } = await there.stat();
  const { algorithm, hex } = wanted.digest;
  const isSame =
    size === wanted.sizeBytes &&
    (await context.digests.digestOf(there.fd, algorithm, { bytes: size, signal: context.signal })) === hex;
  if (!isSame) throw inTheWay(path, "already, and it is not the one that was downloaded now");
}

async function openExisting(path: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  return onDisk("read", path, async () => {
    const handle = await open(path, readAtOnce).catch(ignoreMissing);
    const kind = handle && kindOf(await handle.stat());
    if (kind === undefined || kind === "file") return handle;
    await handle?.close();
    throw obstacle(path, kind);
  });
}

function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) !== "ENOENT") throw error;
}

function inTheWay(path: string, why: string): TransferError {
  return new TransferError(
    `There is a file ${quote(path)} ${why}. Move it away, or download with existing: "overwrite".`,
    { retryable: false },
  );
}
