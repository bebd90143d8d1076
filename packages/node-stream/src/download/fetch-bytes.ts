import { createReadStream } from "node:fs";
import { TransferError } from "@carrel/core";
import { quote } from "../files/safe-name.ts";
import { openTransfer } from "../transfer/open-transfer.ts";
import type { TransferFacts } from "../transfer/transfer-facts.ts";
import type { Draft } from "./draft.ts";
import type { FileContext } from "./file-context.ts";
import type { FileFacts, SourceFile } from "./item-source.ts";
import { ProgressMeter } from "./progress-meter.ts";
import { writeBlocks } from "./write-blocks.ts";

/** What the transfer of a file brought. */
export interface Fetched {
  /** What the server says of the file, now that it is all here. */
  readonly facts: FileFacts;
  /** Whether an answer stated a length that the bytes agree with. */
  readonly lengthStated: boolean;
  /** Bytes that came over the network. */
  readonly receivedBytes: number;
}

/** Bodies that end too early, although in good order, before that is taken for the truth. */
const maxShortEnds = 3;

/**
 * Fetches the bytes that are missing, and asks the server afterwards how many there should be. Where that is more than
 * came (a body without a length that was cut off looks whole), it goes on behind what came.
 */
export async function fetchBytes(
  context: FileContext,
  file: SourceFile,
  { draft, leave }: { readonly draft: Draft; readonly leave: () => void },
): Promise<Fetched> {
  let receivedBytes = 0;
  for (let shortEnds = 0; ; shortEnds++) {
    const before = draft.part.bytes;
    const transfer = await transferOnce(context, file, draft);
    leave();
    receivedBytes += transfer?.fetchedBytes ?? draft.part.bytes - before;
    const facts = await context.source.facts(file, context.signal);
    const { bytes } = draft.part;
    const isShort = facts.sizeBytes !== undefined && bytes < facts.sizeBytes;
    if (!isShort || shortEnds === maxShortEnds) {
      return { facts, lengthStated: transfer !== undefined && transfer.verifiedBy !== "nothing", receivedBytes };
    }
    const cause = new TransferError(
      `The transfer of ${quote(file.name)} ended at byte ${bytes} of ${facts.sizeBytes}.`,
    );
    context.emit({ type: "resumed", file: file.name, fromByte: bytes, cause: cause.toJSON() });
  }
}

async function transferOnce(context: FileContext, file: SourceFile, draft: Draft): Promise<TransferFacts | undefined> {
  const { ahead, blocks, client, emit, options, pool, progress, rateLimit, signal } = context;
  const { name } = file;
  const { part } = draft;
  const startByte = part.bytes;
  let facts: TransferFacts | undefined;
  const stream = openTransfer(
    (request) => (request.cause === undefined ? ahead.endpoint(name, signal) : ahead.again(name, request.signal)),
    {
      signal,
      startByte,
      fileName: name,
      pool,
      session: client,
      ...(startByte > 0 && { prefix: () => createReadStream(part.path, { end: startByte - 1 }) }),
      ...(rateLimit !== undefined && { maxBytesPerSecond: rateLimit }),
      ...(options.stallTimeoutMs !== undefined && { stallTimeoutMs: options.stallTimeoutMs }),
      ...(options.connectionsPerFile !== undefined && { connectionsPerFile: options.connectionsPerFile }),
      ...(options.resumeLimit !== undefined && { resumeLimit: options.resumeLimit }),
      onResume: ({ fromByte, cause }) => emit({ type: "resumed", file: name, fromByte, cause: cause.toJSON() }),
      onVerified: (verified) => (facts = verified),
    },
  );
  const everyMs = options.progressEveryMs ?? 100;
  const meter = new ProgressMeter({
    file: name,
    totalBytes: () => ahead.sizeOf(file) ?? stream.totalBytes,
    startByte,
    everyMs,
    emit,
  });
  const onWritten = (bytes: number): void => {
    draft.written();
    meter.add(bytes);
    progress.set(name, part.bytes);
  };
  await writeBlocks(stream, part, { blocks, onWritten });
  meter.finish();
  return facts;
}
