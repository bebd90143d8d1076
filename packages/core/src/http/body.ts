/** The parts of a body that differ between implementations of fetch: node-fetch has a stream of Node's own. */
interface ForeignBody extends AsyncIterable<Uint8Array> {
  getReader?: () => ReadableStreamDefaultReader<Uint8Array>;
  cancel?: () => Promise<void>;
  destroy?: () => void;
}

/**
 * Reads a body to its end as UTF-8 text. Where it is longer than the limit, counted after decompression, it is left and
 * the result is undefined.
 */
export async function readText(response: Response, limitBytes: number): Promise<string | undefined> {
  const body = response.body as ForeignBody | null | undefined;
  if (body === undefined) {
    // A fetch without streams, such as React Native's, has the whole answer by now.
    const text = await response.text();
    return text.length > limitBytes ? undefined : text;
  }
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Lets go of a body that is not wanted, so that its connection is free. */
export async function discardBody(response: Response): Promise<void> {
  const body = response.body as ForeignBody | null;
  try {
    if (body?.cancel) await body.cancel();
    else body?.destroy?.();
  } catch {
    // It has failed already.
  }
}

/** The chunks of a body. Where the reader stops early the body is cancelled. */
async function* chunksOf(body: ForeignBody): AsyncGenerator<Uint8Array, void> {
  if (!body.getReader) {
    yield* body;
    return;
  }
  // Not by iteration, which browsers learned late.
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Not waited for: how a stream ends that nobody reads any more is of no interest.
    reader.cancel().catch(() => {});
  }
}
