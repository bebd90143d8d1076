import { checkNumber } from "@carrel/core/kit";
import type { TransferStream } from "./open-transfer.ts";

/** Options of {@link fileResponse}. */
export interface FileResponseOptions {
  /** The name under which a browser saves the file. */
  readonly fileName: string;
  /**
   * The media type.
   * @defaultValue "application/octet-stream"
   */
  readonly type?: string;
  /**
   * Whether a browser saves the file or shows it.
   * @defaultValue "attachment"
   */
  readonly disposition?: "attachment" | "inline";
}

/**
 * Makes an HTTP response of a stream, with the file's length, type and name. Where the stream fails, the body breaks off, so
 * that its receiver does not take it for whole.
 *
 * Cost on the wire: that of the first request of the stream.
 *
 * @throws what the stream fails with before its first byte.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { fileResponse, openItemFile } from "@carrel/web-stream";
 *
 * async function handle(client: CarrelClient, itemId: string, fileName: string, request: Request): Promise<Response> {
 *   const stream = await openItemFile(client, itemId, fileName, { signal: request.signal });
 *   return await fileResponse(stream, { fileName });
 * }
 * ```
 */
export async function fileResponse(stream: TransferStream, options: FileResponseOptions): Promise<Response> {
  const { fileName, type = "application/octet-stream", disposition = "attachment" } = options;
  let totalBytes: number | undefined;
  try {
    ({ totalBytes } = await stream.opened);
  } catch (error) {
    await stream.cancel(error);
    throw error;
  }
  return new Response(stream, {
    headers: {
      "content-type": type,
      "content-disposition": `${disposition}; ${fileNameParameters(fileName)}`,
      // A stranger's file must not run as a script of the page's own origin.
      "x-content-type-options": "nosniff",
      ...(totalBytes !== undefined && { "content-length": String(totalBytes) }),
    },
  });
}

/** The parameters of a `Content-Disposition` (RFC 6266): the exact name, and another for clients that do not know that form. */
function fileNameParameters(fileName: string): string {
  const plain = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/gu, "_");
  const exact = encodeURIComponent(fileName.toWellFormed()).replaceAll(/['()*]/gu, (character) => {
    return `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;
  });
  return `filename="${plain}"; filename*=UTF-8''${exact}`;
}

/** Options of {@link readBlob}. */
export interface BlobOptions {
  /**
   * The largest file to read, in bytes.
   * @defaultValue 268_435_456 (256 MiB)
   */
  readonly limitBytes?: number;
  /**
   * The media type.
   * @defaultValue "application/octet-stream"
   */
  readonly type?: string;
}

/**
 * Reads a whole file into memory. Returns it once it is verified.
 *
 * Cost on the wire: that of the stream; for a file that is larger than `limitBytes`, its first request where the server states
 * the length.
 *
 * @throws RangeError: the file is larger than `limitBytes`; or that option is out of range.
 * @throws what the stream fails with.
 */
export async function readBlob(stream: TransferStream, options: BlobOptions = {}): Promise<Blob> {
  const { limitBytes = 268_435_456, type = "application/octet-stream" } = options;
  checkNumber("limitBytes", limitBytes, { from: 0, whole: true });
  const reader = stream.getReader();
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(blocks, { type });
    blocks.push(value);
    const bytes = Math.max(stream.receivedBytes, stream.totalBytes ?? 0);
    if (bytes <= limitBytes) continue;
    const error = new RangeError(
      `Cannot hold the file in memory: it has ${bytes} bytes or more, the limit is ${limitBytes}`,
    );
    await reader.cancel(error);
    throw error;
  }
}
