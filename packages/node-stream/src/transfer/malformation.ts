/** What is wrong with an answer that is not valid HTTP. */
interface Malformation {
  readonly reason: string;
  /** What undici said, without the bytes that it read, which are of the file or of someone else. */
  readonly cause: Error;
  /** It showed in the middle of the body, so that another try may bring the rest. */
  readonly isInBody: boolean;
}

/** What undici fails with when an answer is not HTTP. It gives codes to some only; the names and messages are its own too. */
const reasons: Readonly<Record<string, string>> = {
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH:
    "contradicting lengths: Content-Length more than once, or together with Transfer-Encoding, or out of range",
  UND_ERR_HEADERS_OVERFLOW: "headers that are longer than 16 KiB",
  "bad response": "status 100, which was not asked for",
  "bad upgrade": "status 101, which was not asked for",
};

/** What is wrong with an answer, by what undici failed with; `undefined` where that is not the answer's form. */
export function malformation(error: Error): Malformation | undefined {
  const { code, name, message } = error as NodeJS.ErrnoException;
  const cause = Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
  if (name === "HTTPParserError") {
    const detail = /\(([\x20-\x7e]+)\)$/.exec(message)?.[1];
    const reason = `what is not valid HTTP${detail === undefined ? "" : `: ${detail}`}`;
    return { reason, cause, isInBody: /chunk/i.test(detail ?? "") };
  }
  const reason = reasons[code === "UND_ERR_SOCKET" ? message : (code ?? "")];
  return reason === undefined ? undefined : { reason, cause, isInBody: false };
}
