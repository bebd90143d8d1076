import { printable } from "../output/printable.ts";

/** How much is looked at to decide whether something is text. */
const headBytes = 8_192;

/**
 * Makes text safe for a terminal: line breaks and tabs stay, and other control characters become visible escapes. Ends with a line
 * break. Throws what `refusal` returns, before anything is shown, where the beginning is not text in UTF-8.
 */
export async function* terminalText(
  blocks: AsyncIterable<Uint8Array>,
  refusal: () => Error,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let last = "\n";
  const safe = (text: string): string => {
    const shown = rest + text;
    // A line break may be cut in two.
    rest = shown.endsWith("\r") ? "\r" : "";
    const lines = shown.slice(0, shown.length - rest.length).split(/(\r?\n|\t)/u);
    const result = lines.map((part, index) => (index % 2 === 0 ? printable(part) : part.replace("\r", ""))).join("");
    last = result.at(-1) ?? last;
    return result;
  };
  for await (const block of withHead(blocks, refusal)) yield safe(decoder.decode(block, { stream: true }));
  yield safe(decoder.decode()) + printable(rest);
  if (last !== "\n" || rest !== "") yield "\n";
}

/** Gathers the beginning into one block, and judges it. */
async function* withHead(blocks: AsyncIterable<Uint8Array>, refusal: () => Error): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const block of blocks) {
    if (head === undefined) {
      yield block;
      continue;
    }
    head = Buffer.concat([head, block]);
    if (head.length < headBytes) continue;
    if (!isText(head)) throw refusal();
    yield head;
    head = undefined;
  }
  if (head === undefined) return;
  if (!isText(head)) throw refusal();
  yield head;
}

function isText(head: Uint8Array): boolean {
  if (head.includes(0)) return false;
  try {
    // Its last character may be cut off.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
