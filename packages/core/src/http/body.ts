/** The members of a body that differ between implementations of fetch: node-fetch has a stream of Node's own. */
interface ForeignBody extends AsyncIterable<Uint8Array> {
  getReader?: () => ReadableStreamDefaultReader<Uint8Array>;
  cancel?: () => Promise<void>;
  destroy?: () => void;
}

/**
 * Reads a body to its end as UTF-8 text. Where it is longer than the limit, counted after decompression, reading stops
 * and the result is undefined.
 */
export async function readText(response: Response, limitBytes: number): Promise<string | undefined> {
  const body = response.body as ForeignBody | null | undefined;
  if (body === undefined) {
    // A fetch without streams, such as React Native's, has the whole answer already.
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

/** Discards a body that is not needed, so that its connection becomes free. */
export async function discardBody(response: Response): Promise<void> {
  const body = response.body as ForeignBody | null;
  try {
    if (body?.cancel) await body.cancel();
    else body?.destroy?.();
  } catch {
    // The body has failed already.
  }
}

/** The chunks of a body. Where the reader stops early, the body is cancelled. */
async function* chunksOf(body: ForeignBody): AsyncGenerator<Uint8Array, void> {
  if (!body.getReader) {
    yield* body;
    return;
  }
  // Not by iteration, which older browsers do not support.
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Not awaited: how a stream ends that is no longer read does not matter.
    reader.cancel().catch(() => {});
  }
}
