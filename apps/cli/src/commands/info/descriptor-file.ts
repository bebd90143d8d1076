import { setTimeout as sleep } from "node:timers/promises";
import { PrepareError } from "@carrel/core";
import type { CarrelClient, ChecksumInfo, ItemFileInfo, TransferEndpoint, VerifiedBy } from "@carrel/core";
import { openTransfer } from "@carrel/node-stream";
import type { TransferStream } from "@carrel/node-stream";
import { findOvaDescriptor, maxDescriptorBytes, ovaStartBytes } from "@carrel/node-stream/ovf";
import { describeLeftSession } from "../../connection/connect.ts";
import type { Connection } from "../../connection/connect.ts";
import { CliError, exitCodes } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";

/** The bytes of a descriptor. */
export interface DescriptorFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly verifiedBy: VerifiedBy;
}

const prepareTimeoutMs = 60_000;
const pauseMs = 500;

/** Returns the file of an item that is its descriptor, or the archive that holds it. */
export function descriptorIn(files: readonly ItemFileInfo[]): ItemFileInfo | undefined {
  const visible = files.filter(({ name }) => !name.startsWith("._"));
  return visible.find(({ name }) => /\.ovf$/iu.test(name)) ?? visible.find(({ name }) => /\.ova$/iu.test(name));
}

/**
 * Reads the descriptor of an item, or the beginning of its archive, under a download session that is deleted afterwards.
 * Costs four calls, and one transfer: a lease would cost one more, and keep alive what is over in a moment.
 *
 * @throws {@link CliError} exit code 1: it is too long, or not at the beginning of the archive.
 */
export async function readDescriptor(
  connection: Connection,
  itemId: string,
  file: ItemFileInfo,
  run: Run,
): Promise<DescriptorFile> {
  const { client } = connection;
  // Not aborted: a session that nobody knows of could not be deleted.
  const session = await client.downloadSession.create({ library_item_id: itemId });
  try {
    run.signal.throwIfAborted();
    const endpoint = await prepare(client, session, file.name, run.signal);
    const late = async (): Promise<ChecksumInfo | undefined> =>
      (await client.downloadSession.file.get(session, { file_name: file.name }, { signal: run.signal })).checksum_info;
    const source = { connection, endpoint, fileName: file.name, signal: run.signal };
    return /\.ova$/iu.test(file.name) ? await fromArchive(source) : await whole(source, file.checksum_info ?? late);
  } finally {
    await client.downloadSession.delete(session).catch((error: Error) => {
      run.warn(describeLeftSession(session, error.message));
    });
  }
}

async function prepare(
  client: CarrelClient,
  session: string,
  fileName: string,
  signal: AbortSignal,
): Promise<TransferEndpoint> {
  let info = await client.downloadSession.file.prepare(session, { file_name: fileName }, { signal });
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    if (info.status === "PREPARED" && info.download_endpoint) return info.download_endpoint;
    const said = info.error_message?.localized ?? info.error_message?.default_message;
    if (info.status === "ERROR") {
      throw new PrepareError(`Cannot prepare "${fileName}": ${said ?? "the server gave no reason"}`, { fileName });
    }
    if (waitedMs >= prepareTimeoutMs) {
      throw new CliError(`"${fileName}" was not prepared within ${prepareTimeoutMs / 1000} s`, {
        exitCode: exitCodes.failed,
        hints: ["Without the descriptor: --no-descriptor"],
      });
    }
    await sleep(pauseMs, undefined, { signal });
    info = await client.downloadSession.file.get(session, { file_name: fileName }, { signal });
  }
}

interface Source {
  readonly connection: Connection;
  readonly endpoint: TransferEndpoint;
  readonly fileName: string;
  readonly signal: AbortSignal;
}

/** Reads a whole file, which is verified as any download is. */
async function whole(
  source: Source,
  checksum: ChecksumInfo | (() => Promise<ChecksumInfo | undefined>),
): Promise<DescriptorFile> {
  return await readWhole(source.fileName, open(source, { expect: { checksum } }));
}

/**
 * Reads a descriptor to its end.
 * @throws {@link CliError} exit code 1: it is too long.
 */
export async function readWhole(fileName: string, stream: TransferStream): Promise<DescriptorFile> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxDescriptorBytes) throw tooLong(fileName);
    chunks.push(chunk);
  }
  return { name: fileName, bytes: Buffer.concat(chunks), verifiedBy: stream.facts?.verifiedBy ?? "nothing" };
}

/** Reads the beginning of an archive. Where the server ignores ranges, the connection is closed after it. */
async function fromArchive(source: Source): Promise<DescriptorFile> {
  const chunks: Uint8Array[] = [];
  const stream = open(source, { endByte: ovaStartBytes - 1 });
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return await findDescriptor(source.fileName, Buffer.concat(chunks));
}

/**
 * Finds the descriptor in the beginning of an archive.
 * @throws {@link CliError} exit code 1: it is not there.
 */
export async function findDescriptor(fileName: string, start: Uint8Array): Promise<DescriptorFile> {
  const found = await findOvaDescriptor(start);
  if (found !== undefined) return found;
  throw new CliError(`"${fileName}" has no descriptor at its beginning: the whole archive is needed to find one`, {
    exitCode: exitCodes.failed,
    hints: ["Without the descriptor: --no-descriptor"],
  });
}

function open(
  { connection, endpoint, fileName, signal }: Source,
  options: Parameters<typeof openTransfer>[1],
): ReturnType<typeof openTransfer> {
  const { client, pool } = connection;
  const place = { endpoint, clientOrigin: client.origin };
  return openTransfer(async () => place, { ...options, fileName, pool, session: client, signal });
}

function tooLong(fileName: string): CliError {
  return new CliError(`"${fileName}" is too long for an OVF descriptor: more than ${maxDescriptorBytes} bytes`, {
    exitCode: exitCodes.failed,
  });
}
