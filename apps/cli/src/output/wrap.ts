import { textWidth } from "./text-width.ts";

/** Breaks a text into lines between words. A word that is wider than a line stays whole. */
export function wrap(text: string, columns: number): readonly string[] {
  return fill(text.split(" "), columns);
}

/** Fills lines with parts that are never broken themselves. */
function fill(parts: readonly string[], columns: number, firstColumns = columns): readonly string[] {
  const lines: string[] = [];
  let line: string | undefined;
  let width = 0;
  for (const part of parts) {
    const added = textWidth(part);
    const room = lines.length === 0 ? firstColumns : columns;
    if (line !== undefined && width + 1 + added > room) {
      lines.push(line);
      line = undefined;
    }
    width = line === undefined ? added : width + 1 + added;
    line = line === undefined ? part : `${line} ${part}`;
  }
  return line === undefined ? lines : [...lines, line];
}

/** A command at the end of a message, or all of it: what a reader copies. */
const commandAtEnd = /^(?:(.*?: ))?((?:carrel|export|govc|npm) \S.*|--[a-z]\S*(?: \S+)?)$/u;
/** A SHA-256 fingerprint, in its halves. Nobody compares what the terminal breaks anywhere, and what reads one skips spaces. */
const fingerprint = /\b((?:[\dA-F]{2}:){16})((?:[\dA-F]{2}:){15}[\dA-F]{2})\b/gu;
const fingerprintColumns = 95;
/** A space that is not between quotes. */
const gap = / (?=(?:[^"]*"[^"]*")*[^"]*$)/u;

/**
 * Breaks a message into lines between words, for a terminal. The lines after the first are indented, by two
 * columns more than the first or by `indent`. A command at the end, and what stands in quotes, stay in one piece: a command that
 * has no room gets a line of its own, as wide as it is. A fingerprint that is wider than a line is broken in its middle.
 */
export function wrapMessage(line: string, columns: number, indent?: string): readonly string[] {
  if (textWidth(line) <= columns) return [line];
  const margin = /^ */u.exec(line)?.[0] ?? "";
  const hanging = indent ?? `${margin}  `;
  const text = line.slice(margin.length);
  const [, before, command] = commandAtEnd.exec(text) ?? [];
  if (command !== undefined && before === undefined) return [line];
  const room = columns - hanging.length;
  const words = (before ?? text).trimEnd();
  const parts = (room < fingerprintColumns ? words.replaceAll(fingerprint, "$1 $2") : words).split(gap);
  // What a server said may be long: only commands stay whole then.
  const pieces = parts.flatMap((part) =>
    textWidth(part) > room && !part.includes('"carrel ') ? part.split(" ") : [part],
  );
  const lines = fill(pieces, room, columns - margin.length);
  return [
    ...lines.map((each, index) => (index === 0 ? margin : hanging) + each),
    ...(command === undefined ? [] : [hanging + command]),
  ];
}
