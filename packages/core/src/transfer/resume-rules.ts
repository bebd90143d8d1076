import { defined } from "../kit/objects.ts";
import { plainText } from "./plain-text.ts";
import { encodingOf, isEncodedByName } from "./content-encoding.ts";
import { changedValidator, ifRange, isStrong, pageInPlace, parseContentRange, validatorOf } from "./response-head.ts";
import type { ResponseHead, TransferValidator } from "./response-head.ts";

/**
 * How far a transfer has come, and what is known of its file.
 *
 * @private Does not follow semantic versioning.
 */
export interface TransferState {
  /** The next byte to deliver. */
  readonly position: number;
  /** The last byte to request; `undefined` for the rest of the file. */
  readonly lastByte: number | undefined;
  /** Length of the file, as expected or as the server stated it. */
  readonly totalBytes: number | undefined;
  readonly validator: TransferValidator;
  /** False after a response to a range request that was not the requested range. */
  readonly rangesWork: boolean;
  /** Whether spliced parts would be detected: no byte was delivered yet, or a digest of all of them will be compared. */
  readonly spliceIsChecked: boolean;
  /** Whether all bytes before the position can be compared with a second reading of them, or there are none. */
  readonly canCompare: boolean;
}

/**
 * What was requested.
 *
 * @private Does not follow semantic versioning.
 */
export interface Requested {
  readonly ranged: boolean;
  /** Name of the file: distinguishes pages that were sent instead of it from files that are pages. */
  readonly fileName: string;
}

/**
 * What to do about a response.
 *
 * @private Does not follow semantic versioning.
 */
export type ResponseVerdict =
  /** Deliver the body; first skip `skipBytes` of it, comparing them with what was delivered. */
  | {
      readonly kind: "body";
      /** Whether it is the requested part, and not the whole file. */
      readonly isPart: boolean;
      readonly skipBytes: number;
      readonly bodyBytes: number | undefined;
      readonly totalBytes: number | undefined;
      readonly validator: TransferValidator;
      /** How the validator differs from the one before, where nothing else does. */
      readonly changed?: string;
      /** The stated encoding of the bytes, where nothing confirms yet that they are the file's all the same. */
      readonly encoding?: string;
    }
  /** There is nothing after the delivered bytes. */
  | { readonly kind: "complete"; readonly totalBytes: number }
  /** The transfer URL is not valid, or no longer. */
  | { readonly kind: "refused" }
  /** The server is busy or in trouble: retry later. */
  | { readonly kind: "busy" }
  | { readonly kind: "redirect" }
  /** The response to a range request cannot be used: request the whole file. */
  | { readonly kind: "no-range"; readonly reason: string }
  /** The file changed: the bytes do not belong after those that were delivered. */
  | { readonly kind: "changed"; readonly reason: string }
  /** Something other than the file was sent; the bytes delivered before may still be right. */
  | { readonly kind: "not-the-file"; readonly reason: string }
  /** Retrying will not help. */
  | { readonly kind: "failed" };

/**
 * A verdict to receive bytes by.
 *
 * @private Does not follow semantic versioning.
 */
export type GoodVerdict = ResponseVerdict & { readonly kind: "body" | "complete" };

/**
 * The headers that request the rest of the file; none where the whole file is to be read again.
 *
 * @private Does not follow semantic versioning.
 */
export function rangeHeaders(state: TransferState): Record<string, string> {
  const condition = ifRange(state.validator);
  const isPart = state.position > 0 || state.lastByte !== undefined;
  if (!isPart || !state.rangesWork || (condition === undefined && !state.spliceIsChecked)) return {};
  return {
    range: `bytes=${state.position}-${state.lastByte ?? ""}`,
    ...(condition !== undefined && { "if-range": condition }),
  };
}

/**
 * Decides by a response's head how the transfer continues.
 *
 * @private Does not follow semantic versioning.
 */
export function judgeResponse(
  state: TransferState,
  head: ResponseHead,
  { ranged, fileName }: Requested,
): ResponseVerdict {
  const { status } = head;
  if (status === 200) return judgeWhole(state, head, fileName);
  if (status === 206) return ranged ? judgePart(state, head, fileName) : { kind: "failed" };
  if (status === 416 && ranged) return judgeUnsatisfiable(state, head);
  if (status === 401 || status === 403 || status === 404 || status === 410) return { kind: "refused" };
  if (status === 408 || status === 425 || status === 429 || status >= 500) return { kind: "busy" };
  if ([301, 302, 303, 307, 308].includes(status) && head.location !== undefined) return { kind: "redirect" };
  return { kind: "failed" };
}

function judgeWhole(state: TransferState, head: ResponseHead, fileName: string): ResponseVerdict {
  const totalBytes = head.contentLengthBytes;
  const other = otherBody(head, fileName) ?? wrongLengthEncoded(state, head, totalBytes);
  if (other !== undefined) return { kind: "not-the-file", reason: other };
  const reason = changedFile(state, head, totalBytes);
  if (reason !== undefined) return { kind: "changed", reason };
  const validator = validatorOf(head);
  // Back ends that identify one file differently are no reason to fail: it is read from its start, and compared.
  const changed = changedValidator(state.validator, validator);
  return {
    ...defined({ changed }),
    ...unexplainedEncoding(state, head, { totalBytes, fileName }),
    kind: "body",
    isPart: false,
    skipBytes: state.position,
    bodyBytes: totalBytes,
    totalBytes: totalBytes ?? state.totalBytes,
    validator,
  };
}

function judgePart(state: TransferState, head: ResponseHead, fileName: string): ResponseVerdict {
  const range = parseContentRange(head.contentRange);
  if (range?.firstByte === undefined || range.lastByte === undefined || range.totalBytes === undefined) {
    return noRange("the response to a range request did not state its range");
  }
  const { firstByte, lastByte, totalBytes } = range;
  const wrongLength = wrongLengthEncoded(state, head, totalBytes);
  if (wrongLength !== undefined) return { kind: "not-the-file", reason: wrongLength };
  const reason = changedFile(state, head, totalBytes);
  if (reason !== undefined) return { kind: "changed", reason };
  const other = otherBody(head, fileName);
  if (other !== undefined) return { kind: "not-the-file", reason: other };
  const changed = changedValidator(state.validator, validatorOf(head));
  if (changed !== undefined) return noRange(`the range may belong to another version of the file: ${changed}`);
  const bodyBytes = lastByte - firstByte + 1;
  const isExact =
    firstByte === state.position &&
    lastByte === Math.min(state.lastByte ?? Infinity, totalBytes - 1) &&
    (head.contentLengthBytes ?? bodyBytes) === bodyBytes;
  const isIdentified = head.etag !== undefined || state.spliceIsChecked || !isStrong(state.validator.etag);
  if (!isIdentified) return noRange("the response to a range request did not identify the version of the file");
  if (!isExact) return noRange("the server sent a different range than requested");
  return {
    kind: "body",
    isPart: true,
    skipBytes: 0,
    bodyBytes,
    totalBytes,
    validator: validatorOf(head),
    ...unexplainedEncoding(state, head, { totalBytes, fileName }),
  };
}

function judgeUnsatisfiable(state: TransferState, head: ResponseHead): ResponseVerdict {
  const range = parseContentRange(head.contentRange);
  if (range?.totalBytes === undefined || range.firstByte !== undefined) {
    return noRange("the server cannot serve the range");
  }
  const { totalBytes } = range;
  const reason = changedFile(state, head, totalBytes);
  if (reason !== undefined) return { kind: "changed", reason };
  const changed = changedValidator(state.validator, validatorOf(head));
  if (changed !== undefined) return noRange(`the server identifies another version of the file: ${changed}`);
  if (totalBytes === state.position) return { kind: "complete", totalBytes };
  if (totalBytes < state.position) {
    return {
      kind: "changed",
      reason: `it is ${totalBytes} bytes long and cannot be read from byte ${state.position}`,
    };
  }
  return noRange("the server refused a range that lies within the file");
}

function noRange(reason: string): ResponseVerdict {
  return { kind: "no-range", reason };
}

/** Why the body cannot be that of the file, whatever its bytes. */
function otherBody(head: ResponseHead, fileName: string): string | undefined {
  const page = pageInPlace(head.contentType, fileName);
  if (page !== undefined) {
    // Without the parameters, which may repeat a secret.
    const mediaType = head.contentType?.split(";", 1)[0]?.trim() ?? "";
    return `${page} was sent instead (${quoted(mediaType)}), as by a login page or a proxy`;
  }
  const coding = head.transferEncoding?.trim().toLowerCase() ?? "chunked";
  return /^(?:identity|chunked)?$/u.test(coding) ? undefined : "it was sent with an unknown transfer encoding";
}

/** Encoded bytes whose number is not the file's length are not the file's. */
function wrongLengthEncoded(
  state: TransferState,
  { contentEncoding }: ResponseHead,
  totalBytes: number | undefined,
): string | undefined {
  const encoding = encodingOf(contentEncoding);
  if (encoding === undefined || totalBytes === undefined || state.totalBytes === undefined) return undefined;
  if (totalBytes === state.totalBytes) return undefined;
  return `it was sent with the unrequested encoding ${quoted(encoding)} as ${totalBytes} bytes, expected ${state.totalBytes}`;
}

/** An encoding that neither the file's length nor its name explains. */
function unexplainedEncoding(
  state: TransferState,
  { contentEncoding }: ResponseHead,
  { totalBytes, fileName }: { readonly totalBytes: number | undefined; readonly fileName: string },
): { readonly encoding?: string } {
  const encoding = encodingOf(contentEncoding);
  if (encoding === undefined || isEncodedByName(encoding, fileName)) return {};
  return totalBytes !== undefined && totalBytes === state.totalBytes ? {} : { encoding: quoted(encoding) };
}

/** Text from the server, for a message. */
function quoted(text: string): string {
  return JSON.stringify(plainText(text, 40));
}

/** Why the file is another one than before, where its bytes cannot be compared to find out. */
function changedFile(state: TransferState, head: ResponseHead, totalBytes: number | undefined): string | undefined {
  const changed = changedValidator(state.validator, validatorOf(head));
  if (changed !== undefined && !state.canCompare) return changed;
  if (totalBytes === undefined || state.totalBytes === undefined || totalBytes === state.totalBytes) return undefined;
  return `it is ${totalBytes} bytes long, expected ${state.totalBytes}`;
}
