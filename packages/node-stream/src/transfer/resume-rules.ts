import type { Answer, TransferValidator } from "./response-head.ts";
import { parseContentRange, pageInPlace, changedValidator, ifRange, isStrong } from "./response-head.ts";
import { encodingOf, isEncodedByName } from "./content-encoding.ts";
import { plainText } from "../plain-text.ts";

/** How far a transfer is and what is known of its file. */
export interface TransferState {
  /** The next byte to deliver. */
  readonly position: number;
  /** The last byte to ask for; `undefined` for the rest of the file. */
  readonly lastByte: number | undefined;
  /** Length of the file, expected or told. */
  readonly totalBytes: number | undefined;
  readonly validator: TransferValidator;
  /** False after an answer to a range that was not what was asked for. */
  readonly rangesWork: boolean;
  /** Whether spliced parts would be found out: no byte was delivered yet, or a digest over all of them is to be checked. */
  readonly spliceIsChecked: boolean;
  /** Whether all bytes before the position can be compared with a second reading of them, or there are none. */
  readonly canCompare: boolean;
}

/** What was asked. */
export interface Asked {
  readonly ranged: boolean;
  /** Name of the file, to tell pages in its place from files that are pages. */
  readonly fileName: string;
}

/** What to do about an answer. */
export type Verdict =
  /** Deliver the body; first skip `skipBytes` of it, comparing them with what was delivered. */
  | {
      readonly kind: "body";
      /** Whether it is the part that was asked for, and not the whole file. */
      readonly isPart: boolean;
      readonly skipBytes: number;
      readonly bodyBytes: number | undefined;
      readonly totalBytes: number | undefined;
      readonly validator: TransferValidator;
      /** What the server names otherwise than before, though nothing else differs. */
      readonly changed?: string;
      /** How the server says that the bytes are encoded, where nothing says yet that they are the file's all the same. */
      readonly encoding?: string;
    }
  /** There is nothing after what was delivered. */
  | { readonly kind: "complete"; readonly totalBytes: number }
  /** The transfer URL does not hold (any more). */
  | { readonly kind: "refused" }
  /** The server is busy or in trouble. */
  | { readonly kind: "later" }
  | { readonly kind: "redirect" }
  /** A range was answered with something else: ask again without one. */
  | { readonly kind: "rangeless"; readonly reason: string }
  /** The bytes would not be those of the file. */
  | { readonly kind: "wrong"; readonly reason: string }
  /** Something else answered in place of the file: what was delivered before may be right all the same. */
  | { readonly kind: "foreign"; readonly reason: string }
  /** No use repeating it. */
  | { readonly kind: "failed" };

/** A verdict to receive bytes by. */
export type GoodVerdict = Verdict & { readonly kind: "body" | "complete" };

/** The headers that ask for the rest of the file; none where the whole is to be read again. */
export function rangeHeaders(state: TransferState): Record<string, string> {
  const condition = ifRange(state.validator);
  const wanted = state.position > 0 || state.lastByte !== undefined;
  if (!wanted || !state.rangesWork || (condition === undefined && !state.spliceIsChecked)) return {};
  return {
    range: `bytes=${state.position}-${state.lastByte ?? ""}`,
    ...(condition === undefined ? {} : { "if-range": condition }),
  };
}

/** Decides by an answer's head how the transfer goes on. */
export function judgeAnswer(state: TransferState, answer: Answer, { ranged, fileName }: Asked): Verdict {
  const { status } = answer;
  if (status === 200) return judgeWhole(state, answer, fileName);
  if (status === 206) return ranged ? judgePart(state, answer, fileName) : { kind: "failed" };
  if (status === 416 && ranged) return judgeUnsatisfiable(state, answer);
  if (status === 401 || status === 403 || status === 404 || status === 410) return { kind: "refused" };
  if (status === 408 || status === 425 || status === 429 || status >= 500) return { kind: "later" };
  if ([301, 302, 303, 307, 308].includes(status) && answer.location !== undefined) return { kind: "redirect" };
  return { kind: "failed" };
}

function judgeWhole(state: TransferState, answer: Answer, fileName: string): Verdict {
  const totalBytes = answer.contentLengthBytes;
  const foreign = foreignBody(answer, fileName) ?? misfit(state, answer, totalBytes);
  if (foreign !== undefined) return { kind: "foreign", reason: foreign };
  const reason = changedFile(state, answer, totalBytes);
  if (reason !== undefined) return { kind: "wrong", reason };
  const validator = validatorOf(answer);
  // Back ends that name one file differently are no reason to give up: it is read from its start, and compared.
  const changed = changedValidator(state.validator, validator);
  return {
    ...(changed !== undefined && { changed }),
    ...unproven(state, answer, { totalBytes, fileName }),
    kind: "body",
    isPart: false,
    skipBytes: state.position,
    bodyBytes: totalBytes,
    totalBytes: totalBytes ?? state.totalBytes,
    validator,
  };
}

function judgePart(state: TransferState, answer: Answer, fileName: string): Verdict {
  const range = parseContentRange(answer.contentRange);
  if (range?.firstByte === undefined || range.lastByte === undefined || range.totalBytes === undefined) {
    return { kind: "rangeless", reason: "the answer to a range did not say which part it is" };
  }
  const { firstByte, lastByte, totalBytes } = range;
  const foreign = misfit(state, answer, totalBytes);
  if (foreign !== undefined) return { kind: "foreign", reason: foreign };
  const reason = changedFile(state, answer, totalBytes);
  if (reason !== undefined) return { kind: "wrong", reason };
  const page = foreignBody(answer, fileName);
  if (page !== undefined) return { kind: "foreign", reason: page };
  const changed = changedValidator(state.validator, validatorOf(answer));
  if (changed !== undefined)
    return { kind: "rangeless", reason: `the part is not known to be of the same file: ${changed}` };
  const bodyBytes = lastByte - firstByte + 1;
  const isExact =
    firstByte === state.position &&
    lastByte === Math.min(state.lastByte ?? Infinity, totalBytes - 1) &&
    (answer.contentLengthBytes ?? bodyBytes) === bodyBytes;
  const isSame = answer.etag !== undefined || state.spliceIsChecked || !isStrong(state.validator.etag);
  if (!isSame) return { kind: "rangeless", reason: "the answer to a range did not say whether it is of the same file" };
  if (!isExact) return { kind: "rangeless", reason: "the answer to a range was another part than the one asked for" };
  const encoding = unproven(state, answer, { totalBytes, fileName });
  return {
    kind: "body",
    isPart: true,
    skipBytes: 0,
    bodyBytes,
    totalBytes,
    validator: validatorOf(answer),
    ...encoding,
  };
}

function judgeUnsatisfiable(state: TransferState, answer: Answer): Verdict {
  const range = parseContentRange(answer.contentRange);
  if (range?.totalBytes === undefined || range.firstByte !== undefined) {
    return { kind: "rangeless", reason: "the server could not serve the range" };
  }
  const { totalBytes } = range;
  const reason = changedFile(state, answer, totalBytes);
  if (reason !== undefined) return { kind: "wrong", reason };
  const changed = changedValidator(state.validator, validatorOf(answer));
  if (changed !== undefined)
    return { kind: "rangeless", reason: `the server names another state of the file: ${changed}` };
  if (totalBytes === state.position) return { kind: "complete", totalBytes };
  if (totalBytes < state.position) {
    return {
      kind: "wrong",
      reason: `it is ${totalBytes} bytes long, and is to be read from byte ${state.position}`,
    };
  }
  return { kind: "rangeless", reason: "the server refused a range that it has" };
}

function foreignBody(answer: Answer, fileName: string): string | undefined {
  const page = pageInPlace(answer.contentType, fileName);
  if (page !== undefined)
    return `${page} came in its place (${label(answer.contentType ?? "")}), as from a login or a proxy in between`;
  const coding = answer.transferEncoding?.trim().toLowerCase() ?? "chunked";
  return /^(?:identity|chunked)?$/.test(coding) ? undefined : `it was sent in a transfer encoding that is unknown`;
}

/** Bytes that are encoded, and are not as many as the file has, are not the file's. */
function misfit(state: TransferState, { contentEncoding }: Answer, totalBytes: number | undefined): string | undefined {
  const encoding = encodingOf(contentEncoding);
  if (encoding === undefined || totalBytes === undefined || state.totalBytes === undefined) return undefined;
  if (totalBytes === state.totalBytes) return undefined;
  return `it was sent with the encoding ${label(encoding)}, which was not asked for: ${totalBytes} bytes, where the file has ${state.totalBytes}`;
}

/** An encoding that neither the file's length nor its name explains. */
function unproven(
  state: TransferState,
  { contentEncoding }: Answer,
  { totalBytes, fileName }: { readonly totalBytes: number | undefined; readonly fileName: string },
): { readonly encoding?: string } {
  const encoding = encodingOf(contentEncoding);
  if (encoding === undefined || isEncodedByName(encoding, fileName)) return {};
  return totalBytes !== undefined && totalBytes === state.totalBytes ? {} : { encoding: label(encoding) };
}

/** Someone else's text, for a message. */
function label(text: string): string {
  return JSON.stringify(plainText(text, 40));
}

function changedFile(state: TransferState, answer: Answer, totalBytes: number | undefined): string | undefined {
  const changed = changedValidator(state.validator, validatorOf(answer));
  if (changed !== undefined && !state.canCompare) return changed;
  if (totalBytes === undefined || state.totalBytes === undefined || totalBytes === state.totalBytes) return undefined;
  return `it should be ${state.totalBytes} bytes long and the server has ${totalBytes}`;
}

function validatorOf({ etag, lastModified }: Answer): TransferValidator {
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}
